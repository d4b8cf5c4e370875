using Akka.Actor;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Links;
using SignerCluster.Actors.Requests;
using SignerCluster.Actors.Sharding;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Links;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>A node of a participant: its seats answer the coordinators of the roster, and ask nobody.</summary>
internal sealed class ParticipantRole : IRunningRole
{
    private readonly OpenedRole _opened;
    private readonly LinkDialer _links;
    private readonly NonceVault _vault;

    private ParticipantRole(OpenedRole opened, GroupDirectory groups, LinkDialer links, NonceVault vault, IActorRef guardians)
    {
        (_opened, Groups, _links, _vault) = (opened, groups, links, vault);
        Guardians = new ServedGuardians(new GuardianDesk(guardians, TimeProvider.System), groups, IsCoordinator: false);
    }

    public GroupDirectory Groups { get; }

    public PartyStorage Storage => _opened.Storage;

    public PartyMember Member => _opened.Member;

    public RoleCertificates Certificates => _opened.Certificates;

    public IReadOnlyList<PeerCertificate> ExpiredPeers => _links.ExpiredPeers;

    public ServedGuardians Guardians { get; }

    public int NoncesHeld => _vault.Count;

    public IReadOnlyList<LinkState> Links => _links.Links;

    /// <summary>Starts the role; it answers when this returns. Throws as <see cref="OpenedRole.OpenAsync"/>.</summary>
    internal static async Task<ParticipantRole> StartAsync(ParticipantRoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation)
    {
        OpenedRole opened = await OpenedRole.OpenAsync(role, node, PartyRole.Participant, logs, cancellation);
        bool started = false;
        try
        {
            GroupDirectory groups = opened.Keep(await opened.Storage.LoadGroupsAsync(opened.Policy, cancellation));
            GuardianParts guardian = new(AkkaSettings.JournalOf(role.Party), opened.Storage.Quarantine, TimeProvider.System)
            {
                Checkpoints = AkkaSettings.CheckpointsOf(role.Party),
            };
            IActorRef guardians = EntityRegion.Start(
                opened.Member.System, "guardian", id => GroupGuardianActor.Props(id, guardian), opened.Member.Expectations);
            NonceVault vault = opened.Keep(new NonceVault(role.Nonces, TimeProvider.System));
            SeatParts parts = new(
                AkkaSettings.JournalOf(role.Party),
                vault,
                new SeatKeeper(vault, groups.ShareOf, Wiring.Entropy),
                guardians,
                groups.StandingOf,
                opened.Storage.Quarantine,
                role.SessionExpiry);
            IActorRef region = EntityRegion.Start(
                opened.Member.System, "signing-session", id => SigningSessionActor.Props(id, parts), opened.Member.Expectations);
            opened.StartWaker(new WakerParts(
                () => EmbeddedCluster.ListOpen(opened.Storage.Keeper.Journal, EntityKind.SigningSession), region, role.Waker, WatchesNodes: true));
            opened.LeaveFirst();
            IncomingTrust gate = opened.Trust.Incoming(new SeatGate(new ParticipantRegions(region, guardians), role.Links.AnswerTimeout));
            LinkDialer links = LinkDialer.Start(
                node.Name, role.Coordinators, opened.Certificate, opened.Pins, role.Links.Limits, (frame, stopping) => AnswerAsync(gate, frame, stopping),
                TimeProvider.System, logs);
            opened.Push(links);
            started = true;
            return new ParticipantRole(opened, groups, links, vault, guardians);
        }
        finally
        {
            if (!started)
            {
                await opened.DisposeAsync();
            }
        }
    }

    public ValueTask DisposeAsync() => _opened.DisposeAsync();

    /// <summary>Whoever sent what cannot be trusted need not learn anything: it is not answered at all.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>?> AnswerAsync(IncomingTrust gate, ReadOnlyMemory<byte> frame, CancellationToken stopping)
    {
        try
        {
            return await gate.AnswerAsync(frame, stopping);
        }
        catch (ExchangeException fault) when (fault.Code == ExchangeException.UntrustedCode)
        {
            return null;
        }
    }
}
