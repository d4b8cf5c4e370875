using System.Security.Cryptography.X509Certificates;
using SignerCluster.Actors.Remoting;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Host.Pki;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Links;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;
using SignerCluster.Trust.Envelopes;
using SignerCluster.Trust.Statements;

namespace SignerCluster.Host.Nodes;

/// <summary>A party's name, identity and roster in this process: what it may believe and what it signs. Disposing zeroes the identity key.</summary>
internal sealed class PartyTrust : IDisposable
{
    private readonly IdentityKey _identity;
    private readonly ReplayWindow _window;
    private readonly UntrustedTally _tally;

    private PartyTrust(IdentityKey identity, Correspondent self, UntrustedTally tally)
    {
        _identity = identity;
        Self = self;
        _tally = tally;
        _window = new ReplayWindow(self.Settings, TimeProvider.System);
    }

    internal Correspondent Self { get; }

    internal PartyName Name => Self.Self.Name;

    /// <summary>
    /// Throws <see cref="DataDirectoryException"/> when roster or identity cannot be used, do not fit, or the roster gives this party another role than the
    /// configuration.
    /// </summary>
    internal static PartyTrust Load(RoleSettings role, NodeSettings node, PartyRole expected, ILoggerFactory logs)
    {
        Roster roster = Roster.Load(node.RosterFile);
        IdentityKey identity = IdentityKey.Load(role.IdentityFile);
        bool isUsable = false;
        try
        {
            Correspondent self = new(roster, PartyName.Parse(role.Party), node.Name, identity, role.Links.Messages, Wiring.Entropy, TimeProvider.System);
            if (self.Self.Role != expected)
            {
                throw new DataDirectoryException(
                    "roster_mismatch",
                    $"The configuration makes {role.Party} a {NameOf(expected)}, but {node.RosterFile} says it is a {NameOf(self.Self.Role)}. "
                        + "Correct node.roles and the party, or use the roster that all operators agreed on.",
                    isTransient: false);
            }

            isUsable = true;
            return new PartyTrust(identity, self, new UntrustedTally(TimeProvider.System, logs.CreateLogger<UntrustedTally>()));
        }
        finally
        {
            if (!isUsable)
            {
                identity.Dispose();
            }
        }
    }

    /// <summary>The certificates of all parties, as the roster pins them.</summary>
    internal LinkPins Pins =>
        new(Self.Roster.Parties.ToDictionary(static party => party.Name.ToString(), static party => party.Pins, StringComparer.Ordinal));

    /// <summary>What all nodes of the party must agree on. Not the pins: nodes take new ones one after another.</summary>
    internal string Agreement => string.Join(
        '\n',
        Self.Roster.Parties.Select(static party => $"{party} {party.Identity}").Order(StringComparer.Ordinal).Prepend(Self.Roster.Cluster.ToString()));

    /// <summary>This party's own nodes, by their certificates.</summary>
    internal PinnedPeers Peers(ILoggerFactory logs) => new(Self.Self.Pins, TimeProvider.System, logs.CreateLogger<PinnedPeers>());

    /// <summary>
    /// Throws <see cref="DataDirectoryException"/> (<c>certificate_not_pinned</c>) for a certificate that no other node would accept as this party's.
    /// </summary>
    internal void RequirePinned(X509Certificate2 certificate, string file)
    {
        if (!Self.Self.Pins.Contains(NodeCertificate.PinOf(certificate)))
        {
            throw new DataDirectoryException(
                "certificate_not_pinned",
                $"{file}: the roster does not pin this certificate ({NodeCertificate.PinOf(certificate)}) for {Name}, so every other node would refuse this "
                    + "one. Have all operators add it to the roster, or use the certificate that is pinned.",
                isTransient: false);
        }
    }

    /// <summary>Opens and checks what others ask of the local entities.</summary>
    internal IncomingTrust Incoming(IExchange local) => new(local, Self, static (_, _) => true, _window, _tally);

    /// <summary>Signs what is asked of others, and checks what they answer.</summary>
    internal IExchange Outgoing(Func<EntityId, IRoute> routeTo, Func<EntityId, PartyName?> hostOf) => new OutgoingTrust(routeTo, Self, hostOf, _tally);

    /// <summary>A key for this life of the node, which the party's identity vouches for.</summary>
    internal SessionKey BeginSession() => SessionKey.Begin(Name.ToString(), Self.Node, _identity, Wiring.Entropy, TimeProvider.System.GetUtcNow());

    /// <summary>Says in the party's name what an audit found in its journal.</summary>
    internal SignedStatement Sign(string journal, AuditReport report) =>
        SignedStatement.Sign(Name.ToString(), journal, report, _identity, Wiring.Entropy, TimeProvider.System.GetUtcNow());

    /// <summary>The secret shares of a bundle that is sealed to this party; the caller destroys them. Throws as <see cref="SeatBundle.Open"/>.</summary>
    internal IReadOnlyList<SecretShare> Open(SeatBundle bundle) => bundle.Open(_identity);

    public void Dispose() => _identity.Dispose();

    private static string NameOf(PartyRole role) => role == PartyRole.Coordinator ? "coordinator" : "participant";
}
