using System.Security.Cryptography;
using System.Text;
using SignerCluster.Frost;
using SignerCluster.Journal.Audit;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Tests.Audit;

/// <summary>G9: every record of a guardian is decided again, and no chain passes that does not go on from where an earlier audit saw it.</summary>
public sealed class GuardianAuditTests : IAsyncLifetime
{
    private const ulong Now = 1_700_000_000;
    private AuditedNode _node = null!;

    private GuardianAddress Seat => new(_node.Group.Id, new SeatId(1));

    private EntityId Id => EntityAddress.Of(Seat);

    public async Task InitializeAsync() => _node = await AuditedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task G9_A_sound_chain_is_told_with_its_size_its_head_its_root_and_what_its_windows_hold()
    {
        (GuardianEvent[] events, GuardianState state) = Chain("w1", "w2");
        await _node.WriteAsync(Id, events);
        await _node.WriteAsync(EntityAddress.Of(new GuardianAddress(_node.Group.Id)), new GuardianEvent.Stopped("fire drill", Now));
        AuditReport report = await _node.AuditAsync();

        Assert.Empty(report.Findings);
        (GuardianStanding coordinator, GuardianStanding seat) = (report.Guardians[0], report.Guardians[1]);
        Assert.Equal((null, 0L, default, "fire drill"), (coordinator.Guardian.Seat, coordinator.Records, coordinator.Root, coordinator.StoppedBecause));
        Assert.Equal((Seat, 3L, state.Head, state.Log.Root, 2UL, Now), (seat.Guardian, seat.Records, seat.Head, seat.Root, seat.NextSequence, seat.UpdatedAt));
        Assert.Equal([new WindowLevel("hour", 980)], seat.Windows);
        Assert.Null(seat.StoppedBecause ?? seat.FrozenBecause);
    }

    [Fact]
    public async Task G9_A_record_that_no_guardian_would_have_decided_is_found_at_its_row()
    {
        (GuardianEvent[] events, GuardianState state) = Chain("w1");
        GuardianRecord.WithdrawalAccepted record = Withdrawal(state, "w2", debit: 10, after: 981);
        await _node.WriteAsync(Id, [.. events, new GuardianEvent.Recorded(record, Now)]);
        AuditReport report = await _node.AuditAsync();
        AuditFinding found = Assert.Single(report.Findings);
        Assert.Equal((Id.ToString(), 3L, AuditReason.RecordInvalid), (found.Entity, found.Row, found.Reason));
        Assert.Equal(3, Assert.Single(report.Guardians).Records);
    }

    [Fact]
    public async Task A_guardian_whose_history_cannot_be_read_is_a_finding_and_stands_nowhere()
    {
        await _node.WriteAsync(Id, Chain("w1", "w2").Events);
        EarlierAudit known = Of(await _node.AuditAsync());
        _node.Store.Damage(Id, static row => row.SequenceNumber == 2 ? row with { Message = row.Message[..^1] } : row);
        AuditReport report = await _node.AuditAsync(known with { Checkpoint = new JournalCheckpoint(0, 0, default) });
        Assert.Equal(QuarantineReason.RowUnauthentic, Assert.Single(report.Findings).Reason);
        Assert.Empty(report.Guardians);
    }

    [Fact]
    public async Task G9_A_chain_that_grew_goes_on_from_where_it_was_at_every_size()
    {
        (GuardianEvent[] events, GuardianState state) = Chain("w1", "w2", "w3", "w4", "w5");
        List<EarlierAudit> seen = [Of(await _node.AuditAsync())];
        foreach (GuardianEvent @event in events)
        {
            await _node.WriteAsync(Id, @event);
            seen.Add(Of(await _node.AuditAsync()));
        }

        Assert.Equal(state.Log.Root, Assert.Single(seen[^1].Guardians).Root);
        foreach (EarlierAudit earlier in seen)
        {
            Assert.Empty((await _node.AuditAsync(earlier)).Findings);
        }
    }

    [Fact]
    public async Task G9_A_chain_of_fewer_records_than_an_earlier_audit_saw_was_rolled_back()
    {
        await _node.WriteAsync(Id, Chain("w1").Events);
        await FoundAsync(AuditReason.GuardianRolledBack, "The chain has 2 records; it had 3.", Standing("w1", "w2"));
    }

    [Fact]
    public async Task G9_A_guardian_of_which_nothing_is_left_was_rolled_back() =>
        await FoundAsync(AuditReason.GuardianRolledBack, "The chain has 0 records; it had 2.", Standing("w1"));

    [Theory]
    [InlineData("w9")]
    [InlineData("w2", "w1")]
    public async Task G9_A_chain_that_is_not_the_one_that_an_earlier_audit_saw_was_forked(params string[] ids)
    {
        await _node.WriteAsync(Id, Chain("w1", "w2", "w3").Events);
        await FoundAsync(AuditReason.GuardianDiverged, $"The first {ids.Length + 1} records have the root", Standing(ids));
    }

    private async Task FoundAsync(string reason, string message, GuardianStanding before)
    {
        AuditReport report = await _node.AuditAsync(new EarlierAudit((await _node.AuditAsync()).Checkpoint, [before]));
        AuditFinding found = Assert.Single(report.Findings);
        Assert.Equal((Id.ToString(), null, reason), (found.Entity, found.Row, found.Reason));
        Assert.StartsWith(message, found.Message, StringComparison.Ordinal);
    }

    private static EarlierAudit Of(AuditReport report) => new(report.Checkpoint, report.Guardians);

    private GuardianStanding Standing(params string[] ids) => GuardianStanding.Of(Seat, Chain(ids).State);

    /// <summary>Rules, and then one withdrawal of 10 satoshis after the other.</summary>
    private (GuardianEvent[] Events, GuardianState State) Chain(params string[] ids)
    {
        GuardianState state = GuardianDecider.Initial(_node.Group.Id);
        List<GuardianEvent> events = [];
        Do(new GuardianCommand.Configure(new GuardianRules(new LimiterWindow("hour", 1000, 1), 1800, 300, 0)));
        foreach (string id in ids)
        {
            Do(new GuardianCommand.Withdraw(SessionId.Parse(id), Txid(id), 10));
        }

        return ([.. events], state);

        void Do(GuardianCommand command)
        {
            var accepted = (Decision<GuardianEvent, GuardianEffect, GuardianReply>.Accepted)GuardianDecider.Decide(state, new GuardianAsked(command, Now));
            state = accepted.Events.Aggregate(state, GuardianDecider.Decider.Evolve);
            events.AddRange(accepted.Events);
        }
    }

    private static GuardianRecord.WithdrawalAccepted Withdrawal(GuardianState state, string id, ulong debit, ulong after) =>
        new(state.Position, Now, state.Head, SessionId.Parse(id), Txid(id), state.Limiter!.NextSequence, debit, after);

    private static Bytes32 Txid(string id) => FixedBytes.From<Bytes32>(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
