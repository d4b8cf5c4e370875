using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol.Entities;
using SignerCluster.RabbitMq;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Participants;
using SignerCluster.Runtime.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>A node of a participant: its seats answer the coordinators of the roster, and ask nobody.</summary>
internal sealed class ParticipantRole : IRunningRole
{
    private readonly Stack<IAsyncDisposable> _opened;
    private readonly PartyStorage _storage;
    private readonly RabbitMqEngine _engine;
    private readonly Participant _participant;

    private ParticipantRole(
        Stack<IAsyncDisposable> opened, PartyStorage storage, GroupDirectory groups, RabbitMqEngine engine, Participant participant)
    {
        _participant = participant;
        _opened = opened;
        _storage = storage;
        _engine = engine;
        Groups = groups;
    }

    public GroupDirectory Groups { get; }

    public PartyStorage Storage => _storage;

    public int NoncesHeld => _participant.NoncesHeld;

    public string? BrokerFault => _engine.Fault;

    /// <summary>
    /// Starts the role; it answers when this returns. Throws what <see cref="PartyStorage"/>, <see cref="PartyTrust"/> and <see cref="RabbitMqEngine"/> throw.
    /// </summary>
    internal static async Task<ParticipantRole> StartAsync(ParticipantRoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation)
    {
        Stack<IAsyncDisposable> opened = new();
        bool started = false;
        try
        {
            PartyTrust trust = opened.Keep(PartyTrust.Load(role, node, PartyRole.Participant, logs));
            PartyStorage storage = await PartyStorage.OpenAsync(role, node, logs, cancellation);
            opened.Push(storage);
            GroupDirectory groups = opened.Keep(await storage.LoadGroupsAsync(cancellation));
            Mailboxes? mailboxes = null;
            Participant participant = opened.Keep(new Participant(
                storage.Keeper.Journal,
                groups.ShareOf,
                groups.StandingOf,
                () => mailboxes!,
                new ParticipantSettings { Nonces = role.Nonces, SessionExpiry = role.SessionExpiry },
                storage.Quarantine,
                Wiring.Entropy,
                TimeProvider.System));
            mailboxes = new Mailboxes(
                role.Mailboxes,
                TimeProvider.System,
                new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [EntityKind.SigningSession] = participant.Activate });
            opened.Push(mailboxes);
            await participant.NoteOpenAsync(cancellation);
            RabbitMqEngine engine = await RabbitMqEngine.StartAsync(
                Adapters.ToRabbitMq(role, node.Name),
                new BrokerRoutes(static _ => null, []),
                // A seat that is not held here, or of a group that is not known, is refused by the seat itself, with a reason that the coordinator understands.
                trust.Incoming(mailboxes, static (_, _) => true),
                TimeProvider.System,
                logs,
                cancellation);
            opened.Push(engine);
            opened.Push(
                Chore.Start("Open sessions of this participant", role.SessionExpiry / 4, stopping => participant.NoteOpenAsync(stopping).AsTask(), logs));
            started = true;
            return new ParticipantRole(opened, storage, groups, engine, participant);
        }
        finally
        {
            if (!started)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }

    public ValueTask DisposeAsync() => Wiring.CloseAsync(_opened);
}
