using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Coordination;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Participants;
using SignerCluster.Runtime.Trust;
using SignerCluster.Secp256k1;
using Xunit.Abstractions;

namespace SignerCluster.Runtime.Tests.Trust;

/// <summary>A coordinator and three participants that have nothing but a hostile link between them.</summary>
public sealed class HostileClusterTests(ITestOutputHelper output)
{
    private const int Sessions = 10;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(11)]
    [InlineData(null)]
    public async Task N1_A5_A_hostile_link_delays_sessions_and_does_no_other_harm(int? fixedSeed)
    {
        int seed = fixedSeed ?? Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        using TestGroup group = new(2, 3);
        using TestParties parties = new(TimeProvider.System, seed: seed);
        await using Cluster cluster = new(group, parties, seed);
        (CoordinatorAnswer Answer, CoordinatorState.Accepted?)[] answers = await Task.WhenAll(Enumerable.Range(1, Sessions).Select(number =>
            new MailboxSigningClient(cluster.Coordinator, TimeProvider.System)
                .SignAsync(Address(group, number), group.Request((byte)number), _patience, CancellationToken.None)));

        for (int number = 1; number <= Sessions; number++)
        {
            CoordinatorReply.Completed completed = Assert.IsType<CoordinatorReply.Completed>(
                Assert.IsType<CoordinatorAnswer.Granted>(answers[number - 1].Answer).Reply);
            Assert.True(
                Bip340.Verify(completed.OutputKey, group.Request((byte)number).Message.AsSpan(), completed.Signature),
                $"seed {seed}: session {number} has a wrong signature");
            SessionView? view = await new SessionReader(cluster.CoordinatorJournal).ReadAsync(Address(group, number), CancellationToken.None);
            Assert.Empty(view!.Culprits);
        }

        await AssertEachCommitmentServedOnePackageAsync(cluster.SeatJournals, seed);
        output.WriteLine(string.Join(", ", cluster.Link.Done.Select(static done => $"{done.Key} {done.Value}")));
        output.WriteLine(string.Join(", ", parties.Tally.Counts.Select(static count => $"{count.Key} {count.Value}")));
        Assert.True(parties.Tally.Counts.Values.Sum() > 30, $"seed {seed}: the link did too little to prove anything");
    }

    private static CoordinatorAddress Address(TestGroup group, int number) => new(group.Id, SessionId.Parse($"hostile-{number}"));

    private static async Task AssertEachCommitmentServedOnePackageAsync(IEnumerable<MemoryJournal> journals, int seed)
    {
        Dictionary<Commitment, PackageHash> packages = [];
        foreach (MemoryJournal journal in journals)
        {
            await foreach (EntityId seat in journal.ListAsync(EntityKind.SigningSession, CancellationToken.None))
            {
                Dictionary<AttemptId, Commitment> joined = [];
                foreach (JournalRow row in await journal.ReadAsync(seat, 0, CancellationToken.None))
                {
                    switch (SigningSessionCodec.Events.Decode(row.Manifest, row.Message.Span))
                    {
                        case SigningSessionEvent.AttemptJoined join:
                            joined.Add(join.Attempt.Id, join.Commitment);
                            break;
                        case SigningSessionEvent.ShareProduced produced:
                            Assert.True(packages.TryAdd(joined[produced.Attempt.Id], produced.Package), $"seed {seed}: {seat} used a commitment twice");
                            break;
                    }
                }
            }
        }

        Assert.True(packages.Count >= 2 * Sessions, $"seed {seed}: only {packages.Count} shares were found");
    }

    private sealed class Cluster : IAsyncDisposable
    {
        private readonly List<IAsyncDisposable> _engines = [];
        private readonly List<IDisposable> _nodes = [];

        internal Cluster(TestGroup group, TestParties parties, int seed)
        {
            Dictionary<PartyName, IEngine> incoming = [];
            foreach ((PartyName party, SeatId seat) in new[] { TestParties.Alice, TestParties.Bob, TestParties.Carol }.Zip(group.Public.Seats))
            {
                MemoryJournal journal = new();
                SeatJournals.Add(journal);
                Standing standing = group.Standing with { HeldSeats = SeatSet.Of(seat) };
                Participant participant = new(
                    journal,
                    (_, held) => held == seat ? group.ShareOf(seat) : null,
                    _ => standing,
                    static () => throw new InvalidOperationException("A participant asks nobody."),
                    new ParticipantSettings(), SealedStores.NoQuarantine, group.Draw, TimeProvider.System);
                incoming[party] = parties.Incoming(party, Host(EntityKind.SigningSession, participant.Activate, participant));
            }

            Coordinator = new Coordinator(new CoordinatorParts(
                CoordinatorJournal,
                _ => group.Standing with { HeldSeats = default },
                () => Engine!,
                new CoordinatorSettings(),
                SealedStores.NoQuarantine,
                TimeProvider.System,
                NullLoggerFactory.Instance));
            incoming[TestParties.Coordinator] = parties.Incoming(TestParties.Coordinator, Host(EntityKind.RoastCoordinator, Coordinator.Activate, Coordinator));
            Link = new HostileLink(incoming, TestParties.HostOf, to => AbortsAsync(parties, to), seed) { HonestAfter = 250 };
            Engine = new Patient(parties.Outgoing(TestParties.Coordinator, Link));
        }

        internal Coordinator Coordinator { get; }

        internal HostileLink Link { get; }

        internal MemoryJournal CoordinatorJournal { get; } = new();

        internal List<MemoryJournal> SeatJournals { get; } = [];

        private IEngine Engine { get; }

        public async ValueTask DisposeAsync()
        {
            Coordinator.Dispose();
            foreach (IAsyncDisposable engine in _engines)
            {
                await engine.DisposeAsync();
            }

            _nodes.ForEach(static node => node.Dispose());
        }

        private Mailboxes Host(string kind, Func<EntityId, IEntity> activate, IDisposable node)
        {
            Mailboxes mailboxes = new(
                new MailboxSettings(), TimeProvider.System, new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [kind] = activate });
            _engines.Add(mailboxes);
            _nodes.Add(node);
            return mailboxes;
        }

        /// <summary>If one of these were believed, a session would end without a signature.</summary>
        private static async Task<IReadOnlyList<byte[]>> AbortsAsync(TestParties parties, EntityId to)
        {
            byte[] abort = to.Kind == EntityKind.SigningSession
                ? Message.Encode([new SeatRequest.Abort(AbortReason.Expired)], WireJson.Default.IReadOnlyListSeatRequest)
                : Message.Encode<CoordinatorCommand>(new CoordinatorCommand.Abort(AbortReason.Expired), WireJson.Default.CoordinatorCommand);
            PartyName host = TestParties.HostOf(to)!.Value;
            return
            [
                await parties[TestParties.Bob].SealedRequestAsync(host, to, abort),
                await parties.Stranger(TestParties.Coordinator).SealedRequestAsync(host, to, abort),
                await parties[TestParties.Coordinator].SealedRequestAsync(TestParties.Rival, to, abort),
            ];
        }
    }

    /// <summary>A caller that opens a session asks again when the answer was lost, as the messenger does by itself.</summary>
    private sealed class Patient(IEngine inner) : IEngine
    {
        public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
        {
            for (int tries = 1; ; tries++)
            {
                try
                {
                    return await inner.AskAsync(to, request, cancellation);
                }
                catch (EngineException lost) when (lost.IsTransient && tries < 500 && to.Kind == EntityKind.RoastCoordinator)
                {
                    await Task.Yield();
                }
            }
        }
    }
}
