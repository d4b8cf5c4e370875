using System.Collections.Concurrent;
using System.Globalization;
using Akka.Actor;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.Guardians;

/// <summary>A guardian keeps checkpoints and begins at them; the history stays the truth.</summary>
public sealed class CheckpointTests : ActorsTest
{
    private const int After = 3;
    private static readonly GuardianAddress _guardian = new(new GroupId(Hash(200)));
    private static readonly EntityId _history = EntityAddress.Of(_guardian);
    private static readonly EntityId _checkpoints = EntityAddress.CheckpointsOf(_guardian);
    private static readonly GuardianRules _rules = new(new LimiterWindow("hour", 1_000, 1), 1800, 300, 1000);
    private readonly MemoryJournal _journal = new();

    [Fact]
    public async Task S1_A_guardian_that_comes_back_reads_its_checkpoints_and_only_the_rows_after_the_last_one()
    {
        LocalRegion first = Start(Party, _journal);
        await ConfigureAsync(first);
        for (int number = 1; number <= 7; number++)
        {
            await WithdrawAsync(first, number);
            // The records are 1 + number, and every third makes a checkpoint.
            await UntilAsync((number + 1) / After);
        }

        WatchedJournal watched = new(_journal);
        LocalRegion second = Start(AnotherNode, watched);
        GuardianView before = await ShowAsync(first);
        GuardianView after = await ShowAsync(second);

        Assert.Equal(before, after);
        Assert.Equal([(_checkpoints, 0L), (_history, 6L)], watched.Reads);
        Assert.IsType<GuardianReply.Admitted>(Granted(await AskAsync(second, Withdraw(1))));
        Assert.IsType<GuardianReply.Admitted>(Granted(await AskAsync(second, Withdraw(8))));
        await UntilAsync(3);
    }

    [Fact]
    public async Task S2_Checkpoints_that_cannot_be_used_are_passed_over_for_the_whole_history()
    {
        LocalRegion first = Start(Party, _journal);
        await ConfigureAsync(first);
        await WithdrawAsync(first, 1);
        await AppendAsync(_journal, _checkpoints, 0, new JournalEntry("guardian.checkpoint.v1", "{}"u8.ToArray()));

        LocalRegion second = Start(AnotherNode, _journal);
        Assert.Equal(2, (await ShowAsync(second)).Records);
        // What it would keep itself finds another row in its place: it goes on without.
        await WithdrawAsync(second, 2);
        await WithdrawAsync(second, 3);
        Assert.Equal(4, (await ShowAsync(second)).Records);
        Assert.Equal(1, await _journal.ReadVersionAsync(_checkpoints, CancellationToken.None));
    }

    [Fact]
    public async Task D6_A_history_that_ends_before_its_checkpoint_is_quarantined_and_never_used()
    {
        LocalRegion first = Start(Party, _journal);
        await ConfigureAsync(first);
        await WithdrawAsync(first, 1);
        await WithdrawAsync(first, 2);
        await UntilAsync(1);
        MemoryJournal older = new();
        await CopyAsync(_history, older, rows: 2);
        await CopyAsync(_checkpoints, older, rows: 1);

        LocalRegion second = Start(AnotherNode, older);
        FromGuardian answer = await AskAsync(second, Withdraw(3));

        Refusal refusal = Assert.IsType<GuardianAnswer.Refused>(answer.Answer).Refusal;
        Assert.Equal(("entity_quarantined", "3"), (refusal.Code, refusal.Evidence["row"]));
    }

    [Fact]
    public async Task D8_Of_two_activations_that_keep_the_same_checkpoint_one_does_and_both_go_on()
    {
        LocalRegion first = Start(Party, _journal);
        await ConfigureAsync(first);
        await WithdrawAsync(first, 1);
        LocalRegion second = Start(AnotherNode, _journal);
        await ShowAsync(second);
        // The first keeps one that the second does not know.
        await WithdrawAsync(first, 2);
        await UntilAsync(1);
        // The second finds the other's row, ends, and comes back with the checkpoint.
        Assert.IsType<GuardianAnswer.Failed>((await AskAsync(second, Withdraw(3))).Answer);
        await HasEndedAsync(second.Newest);
        for (int number = 3; number <= 8; number++)
        {
            await WithdrawAsync(second, number);
        }

        await UntilAsync(3);
        Assert.Equal(9, (await ShowAsync(Start(Party, _journal))).Records);
    }

    private static GuardianReply Granted(FromGuardian answer) => Assert.IsType<GuardianAnswer.Granted>(answer.Answer).Reply;

    private static Bytes32 Hash(int number) => FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)number, 32)]);

    private static GuardianCommand.Withdraw Withdraw(int number) =>
        new(SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"w{number}")), Hash(number), 10, null);

    private static async Task AppendAsync(IJournal journal, EntityId id, long version, params JournalEntry[] entries) => Assert.IsType<AppendOutcome.Appended>(
        await journal.AppendAsync(new JournalAppend(id, version, entries, OpenAfter: false, Guid.NewGuid(), DateTimeOffset.UnixEpoch)));

    private async Task CopyAsync(EntityId id, MemoryJournal to, int rows) => await AppendAsync(
        to, id, 0, [.. (await _journal.ReadAsync(id, 0, CancellationToken.None)).Take(rows).Select(static row => new JournalEntry(row.Manifest, row.Message))]);

    private Task UntilAsync(int checkpoints) => AwaitAssertAsync(async () =>
        Assert.Equal(checkpoints, (await _journal.ReadAsync(_checkpoints, 0, CancellationToken.None))
            .Select(static row => GuardianCodec.Checkpoints.Decode(row.Manifest, row.Message.Span)).Count()));

    private Task<FromGuardian> AskAsync(LocalRegion guardian, GuardianCommand command) =>
        guardian.Ref.Ask<FromGuardian>(new ToGuardian(_guardian, command), RemainingOrDefault);

    private async Task ConfigureAsync(LocalRegion guardian) => Granted(await AskAsync(guardian, new GuardianCommand.Configure(_rules)));

    private async Task WithdrawAsync(LocalRegion guardian, int number) => Granted(await AskAsync(guardian, Withdraw(number)));

    private async Task<GuardianView> ShowAsync(LocalRegion guardian) =>
        Assert.IsType<GuardianReply.Shown>(Granted(await AskAsync(guardian, new GuardianCommand.Show()))).View;

    private LocalRegion Start(string party, IJournal journal)
    {
        GuardianParts parts = new(PluginOver(journal, party), SealedStores.NoQuarantine, new ManualTime())
        {
            Checkpoints = $"signer.checkpoints.{party}",
            Settings = new GuardianSettings { CheckpointAfter = After },
        };
        return Region(id => GroupGuardianActor.Props(id, parts));
    }

    /// <summary>Remembers which histories were read, and after which row.</summary>
    private sealed class WatchedJournal(IJournal inner) : IJournal
    {
        private readonly ConcurrentQueue<(EntityId, long)> _reads = new();

        internal IEnumerable<(EntityId Id, long After)> Reads => _reads;

        public ValueTask<AppendOutcome> AppendAsync(JournalAppend append) => inner.AppendAsync(append);

        public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
        {
            _reads.Enqueue((id, afterSequenceNumber));
            return inner.ReadAsync(id, afterSequenceNumber, cancellation);
        }

        public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => inner.ReadVersionAsync(id, cancellation);

        public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => inner.ListOpenAsync(kind, cancellation);

        public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);
    }
}
