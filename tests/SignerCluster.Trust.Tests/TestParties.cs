using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust.Tests;

/// <summary>A small cluster's roster with everybody's secrets, and a stranger who calls himself what he likes.</summary>
internal sealed class TestParties : IDisposable
{
    internal static readonly PartyName Coordinator = PartyName.Parse("coordinator");
    internal static readonly PartyName Rival = PartyName.Parse("rival");
    internal static readonly PartyName Alice = PartyName.Parse("alice");
    internal static readonly PartyName Bob = PartyName.Parse("bob");
    internal static readonly PartyName Carol = PartyName.Parse("carol");
    private static readonly ClusterName _cluster = ClusterName.Parse("bridge");
    private static readonly string _group = new('b', 64);
    private readonly Dictionary<PartyName, IdentityKey> _identities;
    private readonly Entropy _entropy;

    internal TestParties(TimeProvider time, MessageSettings? settings = null, int seed = 1)
    {
        (Time, Settings) = (time, settings ?? new MessageSettings());
        Random random = new(seed);
        Lock gate = new();
        _entropy = destination =>
        {
            lock (gate)
                random.NextBytes(destination);
        };
        _identities = new[] { Coordinator, Rival, Alice, Bob, Carol }.ToDictionary(static name => name, static name => IdentityOf($"{name}"));
        Roster = new Roster(_cluster, [.. _identities.Select(static party => new RosterParty(
            party.Key, party.Key == Coordinator || party.Key == Rival ? PartyRole.Coordinator : PartyRole.Participant, party.Value.Public))]);
    }

    internal TimeProvider Time { get; }

    internal MessageSettings Settings { get; }

    internal Roster Roster { get; }

    internal UntrustedTally Tally { get; private set; } = new(TimeProvider.System, NullLogger<UntrustedTally>.Instance);

    /// <summary>The one node of every party.</summary>
    internal const string Node = "node-1";

    internal Correspondent this[PartyName name] => NodeOf(name, Node);

    internal Correspondent NodeOf(PartyName name, string node) => new(Roster, name, node, _identities[name], Settings, _entropy, Time);

    internal IdentityKey Identity(PartyName name) => _identities[name];

    /// <summary>Somebody who is not in the roster as it is, but in a roster of his own under a name of ours.</summary>
    internal Correspondent Stranger(PartyName claimed)
    {
        IdentityKey identity = IdentityOf("stranger");
        Roster forged = new(
            _cluster, [.. Roster.Parties.Select(party => party.Name == claimed ? new RosterParty(claimed, party.Role, identity.Public) : party)]);
        return new Correspondent(forged, claimed, Node, identity, Settings, _entropy, Time);
    }

    internal static EntityId Seat(int session, int seat) => EntityId.Parse($"seat/{_group}/s{session}/{seat}");

    internal static EntityId Session(int session) => EntityId.Parse($"roast/{_group}/s{session}");

    /// <summary>Alice, Bob and Carol hold the seats 0, 1 and 2.</summary>
    internal static PartyName? HostOf(EntityId id) => id.Kind switch
    {
        EntityKind.RoastCoordinator => Coordinator,
        EntityKind.SigningSession =>
            (PartyName[])[Alice, Bob, Carol] is var holders && EntityAddress.ToSeat(id).Seat.Value is var seat && seat < holders.Length ? holders[seat] : null,
        _ => null,
    };

    internal IncomingTrust Incoming(PartyName party, IExchange local, ReplayWindow? window = null) =>
        new(local, this[party], (_, entity) => HostOf(entity) == party, window ?? new ReplayWindow(Settings, Time), Tally);

    internal OutgoingTrust Outgoing(PartyName party, IExchange transport) => new(to => new Through(transport, to), this[party], HostOf, Tally);

    public void Dispose()
    {
        foreach (IdentityKey identity in _identities.Values)
        {
            identity.Dispose();
        }
    }

    internal static IdentityKey IdentityOf(string text) => IdentityKey.TryTake(SHA256.HashData(Encoding.UTF8.GetBytes($"identity of {text}")))!;
}

/// <summary>Sealing without the id.</summary>
internal static class Sealing
{
    internal static async Task<byte[]> SealedRequestAsync(this Correspondent self, PartyName recipient, EntityId entity, byte[] payload) =>
        (await self.SealRequestAsync(recipient, TestParties.Node, entity, payload)).Bytes;
}

/// <summary>A way over a transport that is told the entity.</summary>
internal sealed class Through(IExchange transport, EntityId to) : IRoute
{
    public string Node => TestParties.Node;

    public ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
        transport.AskAsync(to, request, cancellation);
}
