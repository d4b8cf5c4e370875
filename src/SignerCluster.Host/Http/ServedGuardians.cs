using SignerCluster.Actors.Requests;
using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Http;

/// <summary>The guardians of one party.</summary>
/// <param name="Groups">The groups as the party knows them.</param>
/// <param name="IsCoordinator">Are they the coordinator's, which make the chains? Else those of the party's seats.</param>
internal sealed record ServedGuardians(GuardianDesk Desk, GroupDirectory Groups, bool IsCoordinator)
{
    internal IEnumerable<GuardianAddress> Of(GroupId group) => IsCoordinator
        ? [new GuardianAddress(group)]
        : Groups.StandingOf(group).HeldSeats.Select(seat => new GuardianAddress(group, (SeatId?)seat));
}
