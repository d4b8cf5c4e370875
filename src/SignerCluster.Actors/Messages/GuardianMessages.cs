using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Actors.Messages;

/// <summary>Asks a group's guardian; it answers with a <see cref="FromGuardian"/>.</summary>
/// <param name="Ask">Comes back with the answer, for whoever asks more than one thing.</param>
public sealed record ToGuardian(GuardianAddress Guardian, GuardianCommand Command, long Ask = 0) : IEntityMessage
{
    public EntityId To => EntityAddress.Of(Guardian);
}

/// <summary>A guardian's answer.</summary>
/// <param name="Seats">
/// Of the coordinator's guardian, where it was asked to show itself: the position up to which each seat's guardian is known to have folded the chain, -1
/// where it is not known. Null otherwise.
/// </param>
public sealed record FromGuardian(GuardianAnswer Answer, long Ask = 0, IReadOnlyList<long>? Seats = null) : IWireMessage;
