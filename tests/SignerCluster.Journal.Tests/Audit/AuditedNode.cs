using System.Security.Cryptography;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Tests.Audit;

/// <summary>
/// One node's sealed journal in memory with a session's two sides in it, written event by event: one seat that joined, signed and completed, and a coordinator
/// that convicted a liar and completed. What else a test writes is sealed as properly as the rest, so that only its content can be wrong.
/// </summary>
internal sealed class AuditedNode : IAsyncDisposable
{
    internal static readonly SessionId Session = SessionId.Parse("s1");
    private static readonly SeatId _seat = new(0);
    private static readonly SeatId _other = new(2);
    private readonly FakeKeyProvider _provider = new();

    private AuditedNode()
    {
    }

    internal TestGroup Group { get; } = new(2, 3);

    internal MemoryJournal Store { get; } = new();

    internal KeyKeeper Keeper { get; private set; } = null!;

    internal EntityId Seat => EntityAddress.Of(new SeatAddress(Group.Id, Session, _seat));

    internal EntityId Coordinator => EntityAddress.Of(new CoordinatorAddress(Group.Id, Session));

    internal SigningRequest Request => Group.Request(1);

    internal AttemptContext Attempt { get; private set; } = null!;

    internal SigningPackage Package { get; private set; } = null!;

    internal Share Share { get; private set; }

    internal Bytes64 Signature { get; private set; }

    internal XOnlyPublicKey OutputKey => Group.Public.Tweaked(Request.Tweaks).Value.Single.OutputKey;

    /// <summary>A share that does not verify, and so proves its seat a liar.</summary>
    internal BlameCertificate Certificate => new(Session, Request, Package, _other, new Share(Request.Message.Single));

    /// <param name="completes">Does the coordinator's session end with its signature?</param>
    internal static async Task<AuditedNode> StartAsync(bool completes = true)
    {
        AuditedNode node = new();
        node.Keeper = await SealedStores.OpenAsync(node.Store, node._provider);
        node.Sign();
        await node.WriteAsync(
            node.Seat,
            new SigningSessionEvent.SessionOpened(node.Request),
            new SigningSessionEvent.AttemptJoined(node.Attempt, node.CommitmentOf(_seat)),
            new SigningSessionEvent.ShareProduced(node.Attempt, node.Package.ComputeHash(), node.Share),
            new SigningSessionEvent.AttemptAggregated(node.Attempt, node.Signature));
        await node.WriteAsync(
            node.Coordinator,
            new RoastEvent.SigningRequested(node.Request, 2, 3),
            new RoastEvent.AttemptProposed(node.Attempt, AdvanceReason.First),
            new RoastEvent.PackageIssued(node.Attempt, node.Package.Commitments),
            new RoastEvent.ShareAccepted(node.Attempt.Id, _seat, node.Share),
            new RoastEvent.SeatConvicted(_other, node.Certificate));
        if (completes)
        {
            await node.WriteAsync(node.Coordinator, new RoastEvent.SessionCompleted(node.Attempt.Id, node.OutputKey, node.Signature));
        }

        return node;
    }

    internal Task WriteAsync(EntityId id, params SigningSessionEvent[] events) =>
        WriteAsync(id, [.. events.Select(static @event => SigningSessionCodec.Events.Encode(@event))]);

    internal Task WriteAsync(EntityId id, params GuardianEvent[] events) =>
        WriteAsync(id, [.. events.Select(static @event => GuardianCodec.Events.Encode(@event))]);

    internal Task WriteAsync(EntityId id, params JobDecisionEvent[] events) =>
        WriteAsync(id, [.. events.Select(static @event => CovenantJobCodec.Decisions.Encode(@event))]);

    internal Task WriteAsync(EntityId id, params JobEvent[] events) =>
        WriteAsync(id, [.. events.Select(static @event => CovenantJobCodec.Events.Encode(@event))]);

    internal Task WriteAsync(EntityId id, params RoastEvent[] events) => WriteAsync(id, [.. events.Select(static @event => RoastCodec.Events.Encode(@event))]);

    internal async Task WriteAsync(EntityId id, params (string StoredName, byte[] Bytes)[] events)
    {
        long version = await Store.ReadVersionAsync(id, CancellationToken.None);
        JournalEntry[] entries = [.. events.Select(static @event => new JournalEntry(@event.StoredName, @event.Bytes))];
        Assert.IsType<AppendOutcome.Appended>(await Keeper.Journal.AppendAsync(new JournalAppend(id, version, entries, OpenAfter: false, Guid.Empty, default)));
    }

    /// <summary>Writes a guardian's history, and returns the checkpoints at its half and at its end, unwritten.</summary>
    internal async Task<IReadOnlyList<GuardianCheckpoint>> WriteGuardianAsync(GuardianAddress guardian, int withdrawals)
    {
        GuardianState state = GuardianDecider.Initial(guardian.Group);
        GuardianRules rules = new(new LimiterWindow("hour", 1_000_000, 1), MaximumAge: 1800, MaximumSkew: 300, LooseningDelay: 1000);
        IEnumerable<GuardianCommand> commands = Enumerable.Range(0, withdrawals).Select(static number => new GuardianCommand.Withdraw(
            SessionId.Parse($"w{number}"), FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)number, 32)]), 10, null));
        List<GuardianCheckpoint> checkpoints = [];
        CheckpointMark mark = default;
        long rows = 0;
        foreach (GuardianCommand command in commands.Prepend(new GuardianCommand.Configure(rules)))
        {
            Decision<GuardianEvent, GuardianEffect, GuardianReply> decision = GuardianDecider.Decide(state, new GuardianAsked(command, 1_000_000));
            GuardianEvent @event = Assert.Single(((Decision<GuardianEvent, GuardianEffect, GuardianReply>.Accepted)decision).Events);
            state = GuardianDecider.Decider.Evolve(state, @event);
            await WriteAsync(EntityAddress.Of(guardian), GuardianCodec.Events.Encode(@event));
            if (++rows == 1 + (withdrawals / 2) || rows == 1 + withdrawals)
            {
                checkpoints.AddRange(GuardianCheckpoint.Take(state, rows, mark));
                mark = mark.With(state);
            }
        }

        return checkpoints;
    }

    internal EntityId SeatOf(string session) => EntityAddress.Of(new SeatAddress(Group.Id, SessionId.Parse(session), _seat));

    internal EntityId CoordinatorOf(string session) => EntityAddress.Of(new CoordinatorAddress(Group.Id, SessionId.Parse(session)));

    internal Task<AuditReport> AuditAsync(JournalCheckpoint? known = null, SeatFiles? seats = null, IJournalStore? store = null) =>
        AuditAsync(known is null ? null : new EarlierAudit(known, []), seats, store);

    internal async Task<AuditReport> AuditAsync(EarlierAudit? known, SeatFiles? seats = null, IJournalStore? store = null)
    {
        await using KeyKeeper looking = await KeyKeeper.LookAsync(SealedStores.Parts(store ?? Store, _provider));
        JournalAudit audit = new(store ?? Store, looking, seats, group => group == Group.Id ? Group.Public : null);
        return await audit.RunAsync(known, progress: null, CancellationToken.None);
    }

    internal async Task<IReadOnlyList<UnreadableHistoryException>> FindQuarantinedAsync()
    {
        await using KeyKeeper looking = await KeyKeeper.LookAsync(SealedStores.Parts(Store, _provider));
        return await new JournalAudit(Store, looking, seats: null, _ => Group.Public).FindQuarantinedAsync(progress: null, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Keeper.DisposeAsync();
        Group.Dispose();
    }

    internal Batch<Commitment> CommitmentOf(SeatId seat) =>
        Package.Commitments.TryGet(seat, out Batch<Commitment>? commitment) ? commitment : throw new InvalidOperationException();

    internal AttemptContext AttemptOf(string session, int number) => AttemptContext.Derive(SessionId.Parse(session), Request, number, Group.Public.Seats);

    private void Sign()
    {
        Attempt = AttemptOf(Session.ToString(), 1);
        using SecretNonce own = NonceGeneration.Generate(RandomNumberGenerator.GetBytes(32));
        using SecretNonce others = NonceGeneration.Generate(RandomNumberGenerator.GetBytes(32));
        Package = new SigningPackage(Attempt, Request.Message, Request.Tweaks, SeatCommitments.From([(_seat, own.Commitment), (_other, others.Commitment)]));
        SessionValues values = Package.Values(Group.Public).Value.Single;
        Share = Signing.Sign(own, Group.ShareOf(_seat), values).Value;
        Share second = Signing.Sign(others, Group.ShareOf(_other), values).Value;
        Signature = ShareAggregation.Aggregate(values, [Share, second]).Value;
    }
}
