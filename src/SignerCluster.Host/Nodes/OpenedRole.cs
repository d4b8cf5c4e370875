using SignerCluster.Actors.Downing;
using SignerCluster.Actors.Wakers;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Trust;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// What both roles of a node stand on: the party's identity and certificate, its database, its cluster, its keys. Disposing closes in reverse what was opened
/// and pushed.
/// </summary>
internal sealed partial class OpenedRole : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _opened;

    private OpenedRole(
        Stack<IAsyncDisposable> opened, SigningPolicy policy, PartyTrust trust, LinkCertificate certificate, RoleCertificates certificates,
        PartyMember member, PartyStorage storage)
    {
        (_opened, Policy, Trust, Certificate, Certificates, Member, Storage) = (opened, policy, trust, certificate, certificates, member, storage);
    }

    /// <summary>What the role may sign, with the policies of its file.</summary>
    internal SigningPolicy Policy { get; }

    internal PartyTrust Trust { get; }

    internal LinkCertificate Certificate { get; }

    internal RoleCertificates Certificates { get; }

    /// <summary>The certificates of all parties, by the roster.</summary>
    internal LinkPins Pins => Trust.Pins;

    internal PartyMember Member { get; }

    internal PartyStorage Storage { get; }

    /// <summary>
    /// Opens the database, joins the party's cluster and opens the keys. Throws <see cref="DataDirectoryException"/>, <see cref="JournalException"/>,
    /// <see cref="KeyProviderException"/> and <see cref="LinkException"/>; nothing is left open then.
    /// </summary>
    internal static async Task<OpenedRole> OpenAsync(
        RoleSettings role, NodeSettings node, PartyRole expected, ILoggerFactory logs, CancellationToken cancellation)
    {
        Stack<IAsyncDisposable> opened = new();
        bool isOpen = false;
        try
        {
            SigningPolicy policy = role.PolicyFile is { } path ? opened.WithPolicies(role.Policy, path, logs) : role.Policy;
            PartyTrust trust = opened.Keep(PartyTrust.Load(role, node, expected, logs));
            LinkCertificate certificate = opened.Keep(LinkCertificate.Load(role.Tls.CertificateFile, role.Tls.KeyFile, TimeProvider.System));
            CertificateCheck.Load(role.Tls.CertificateFile, TimeProvider.System.GetUtcNow());
            trust.RequirePinned(certificate.Current, role.Tls.CertificateFile);
            PartyStore store = await PartyStore.OpenAsync(role, node, isLooking: false, logs, cancellation);
            opened.Push(store);
            if (NodeCountAdvice.For(role.Nodes.All.Count) is { } advice)
            {
                LogAdvice(logs.CreateLogger<OpenedRole>(), role.Party, advice);
            }

            PartyLocks locks = new(store.Database, role.Party, new NodeClaim(node.Name, trust.Agreement));
            opened.Push(locks);
            RoleCertificates certificates = new(
                role.Party,
                $"{(expected == PartyRole.Coordinator ? "coordinator" : "participant")}.tls",
                certificate,
                role.Nodes.All.Count > 1 ? certificate.NotAfter : null);
            PartyMember member = await PartyMember.JoinAsync(
                role,
                () => JournalSystem.StartParty(role, node.AkkaOverrides, trust.Peers(logs), certificate.Current, locks, logs),
                store,
                locks,
                logs,
                cancellation);
            opened.Push(member);
            PartyStorage storage = await PartyStorage.OpenAsync(role, node, store, member.AddRing(store), logs);
            opened.Push(storage);
            member.Open(storage);
            isOpen = true;
            return new OpenedRole(opened, policy, trust, certificate, certificates, member, storage);
        }
        finally
        {
            if (!isOpen)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }

    internal T Keep<T>(T disposable)
        where T : IDisposable => _opened.Keep(disposable);

    /// <inheritdoc cref="Opened.WithRegistry"/>
    internal IRegistry? OpenRegistry(RegistrySettings? registry, ILoggerFactory logs) => _opened.WithRegistry(registry, TimeProvider.System, logs);

    internal void Push(IAsyncDisposable disposable) => _opened.Push(disposable);

    /// <summary>Wakes the party's open entities of one kind, from one of its nodes.</summary>
    internal void StartWaker(WakerParts parts, string name = "waker") => Member.StartSingleton(WakerActor.Props(parts), name);

    /// <summary>From here on, disposing begins with leaving the party's cluster in order, and whatever is pushed later is closed before.</summary>
    internal void LeaveFirst() => _opened.Push(new Leaving(Member));

    public ValueTask DisposeAsync() => Wiring.CloseAsync(_opened);

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "{Party}: {Advice}")]
    private static partial void LogAdvice(ILogger log, string party, string advice);

    private sealed class Leaving(PartyMember member) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await member.LeaveAsync();
    }
}
