using System.Collections.Concurrent;
using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>Which party hosts an entity, as a coordinator sees it: its own sessions and guardians itself, a seat and its guardian whoever holds it.</summary>
internal sealed class Hosts
{
    private readonly PartyName _self;
    private readonly IReadOnlyDictionary<GroupId, IReadOnlyList<PartyName>> _holders;
    private readonly ConcurrentDictionary<(string Group, string Seat), PartyName?> _found = new();

    /// <summary>
    /// Throws <see cref="DataDirectoryException"/> (<c>group_without_holders</c>, <c>roster_mismatch</c>) for a group whose seats nobody of the roster holds.
    /// </summary>
    internal Hosts(GroupDirectory groups, Correspondent self)
    {
        _self = self.Self.Name;
        _holders = groups.Groups.ToDictionary(static group => group.Id, group => HoldersOf(group, self.Roster));
    }

    /// <summary>Everybody that is asked, this party included.</summary>
    internal IReadOnlyList<PartyName> All => [_self, .. _holders.Values.SelectMany(static holders => holders).Distinct()];

    /// <summary>Null when nobody hosts the entity.</summary>
    internal PartyName? Of(EntityId entity) => entity.Parts switch
    {
        [EntityKind.RoastCoordinator, ..] => _self,
        [EntityKind.Guardian, _] => _self,
        [EntityKind.SigningSession, { } group, _, { } seat] => _found.GetOrAdd((group, seat), Find),
        [EntityKind.Guardian, { } group, { } seat] => _found.GetOrAdd((group, seat), Find),
        _ => null,
    };

    private PartyName? Find((string Group, string Seat) address) =>
        GroupId.TryParse(address.Group, out GroupId group) && _holders.TryGetValue(group, out IReadOnlyList<PartyName>? holders)
        && SeatId.TryParse(address.Seat, out SeatId seat) && seat.Value < holders.Count
            ? holders[seat.Value]
            : null;

    private static IReadOnlyList<PartyName> HoldersOf(StoredGroup group, Roster roster)
    {
        if (group.Holders.Count == 0)
        {
            throw new DataDirectoryException(
                "group_without_holders",
                $"The document of group {group.Id} does not say which party holds which seat. Make groups for a cluster with: "
                    + "signer keygen --roster FILE --bundles DIR",
                isTransient: false);
        }

        foreach (string holder in group.Holders)
        {
            if (!PartyName.TryParse(holder, out PartyName name) || roster.Find(name) is not { Role: PartyRole.Participant })
            {
                throw new DataDirectoryException(
                    "roster_mismatch",
                    $"Group {group.Id} gives a seat to {holder}, who is no participant of the roster. Use the roster that the group was made with.",
                    isTransient: false);
            }
        }

        return [.. group.Holders.Select(PartyName.Parse)];
    }
}
