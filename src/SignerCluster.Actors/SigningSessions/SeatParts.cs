using Akka.Actor;
using SignerCluster.Protocol;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>What the signing sessions of one participant's seats work with.</summary>
/// <param name="Journal">The id of the participant's journal plugin.</param>
/// <param name="Guardians">Where the participant's own guardians are.</param>
/// <param name="Standing">A group as the participant knows it at this moment.</param>
/// <param name="SessionExpiry">How long a session may stay open before the participant ends it for good, counted from when an activation first saw it
/// open.</param>
public sealed record SeatParts(
    string Journal,
    NonceVault Vault,
    ISecretKeeper<SessionCommand> Keeper,
    IActorRef Guardians,
    Func<GroupId, Standing> Standing,
    Quarantine Quarantine,
    TimeSpan SessionExpiry);
