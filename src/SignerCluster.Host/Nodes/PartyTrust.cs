using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Trust;

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
            Correspondent self = new(roster, PartyName.Parse(role.Party), identity, Adapters.ToMessages(role.Broker), Wiring.Entropy, TimeProvider.System);
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

    /// <summary>Opens and checks what others ask of the local entities.</summary>
    internal IEngine Incoming(IEngine local, Func<PartyName, EntityId, bool> mayAsk) => new IncomingTrust(local, Self, mayAsk, _window, _tally);

    /// <summary>Signs what is asked of others, and checks what they answer.</summary>
    internal IEngine Outgoing(IEngine transport, Func<EntityId, PartyName?> hostOf) => new OutgoingTrust(transport, Self, hostOf, _tally);

    /// <summary>The secret shares of a bundle that is sealed to this party; the caller destroys them. Throws as <see cref="SeatBundle.Open"/>.</summary>
    internal IReadOnlyList<SecretShare> Open(SeatBundle bundle) => bundle.Open(_identity);

    public void Dispose() => _identity.Dispose();

    private static string NameOf(PartyRole role) => role == PartyRole.Coordinator ? "coordinator" : "participant";
}
