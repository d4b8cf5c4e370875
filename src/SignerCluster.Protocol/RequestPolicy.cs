using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost;
using SignerCluster.Frost.Tweaks;

namespace SignerCluster.Protocol;

/// <summary>What must hold before anything is signed for a request. Null means allowed.</summary>
internal static class RequestPolicy
{
    internal static Refusal? CheckGroup(Standing standing, GroupId group) =>
        standing.Group is { } known && new GroupId(known.GroupKey.XOnly) == group ? null : Refusals.UnknownGroup(group);

    internal static Refusal? CheckSeat(Standing standing, GroupId group, SeatId seat) =>
        CheckGroup(standing, group) ?? (standing.HeldSeats.Contains(seat) ? null : Refusals.SeatNotHeld(seat));

    /// <summary>Lifecycle, then the artefact: the message must follow from it.</summary>
    internal static Refusal? Check(Standing standing, SigningRequest request) =>
        CheckAgain(standing, request)
        ?? (request.Artefact is PolicyArtefact.PsbtInput input ? CheckPsbt(standing, request, input) : CheckTweaks(standing.Group!, request));

    /// <summary>The part that may have changed since the session was opened.</summary>
    internal static Refusal? CheckAgain(Standing standing, SigningRequest request) => standing.Lifecycle switch
    {
        GroupLifecycle.RekeyRequired => Refusals.RekeyRequired,
        GroupLifecycle.Retired => Refusals.GroupRetired,
        _ => request.Artefact is PolicyArtefact.Raw && !standing.AllowRaw ? Refusals.RawNotAllowed : null,
    };

    internal static Refusal? CheckQuarantine(Standing standing, SeatSet signers)
    {
        SeatSet quarantined = signers.Intersect(standing.Quarantined);
        return quarantined.IsEmpty ? null : Refusals.SeatsQuarantined(quarantined);
    }

    internal static Outcome<TweakedKey> OutputKey(ThresholdInfo group, SigningRequest request) => group.Tweaked(request.Tweaks);

    /// <summary>
    /// A participant never trusts the message it is told: it recomputes the sighash from the PSBT it is shown, and signs no payment that the network
    /// would not take or whose fee is above its own ceilings.
    /// </summary>
    private static Refusal? CheckPsbt(Standing standing, SigningRequest request, PolicyArtefact.PsbtInput artefact)
    {
        if (!Psbt.TryParse(artefact.Psbt.AsSpan(), out Psbt? psbt, out BitcoinRefusal? refusal)
            || !psbt.TryAccept(standing.Group!.GroupKey.XOnly, standing.FeeCeilings, out KeyPathInputs? inputs, out refusal))
        {
            return Refusal.Terminal(refusal.Code, refusal.Message);
        }

        return inputs.ToSign.FirstOrDefault(input => input.Index == artefact.InputIndex) switch
        {
            null => Refusals.InputNotSignable(artefact.InputIndex),
            { CommitsToWholeTransaction: false } input when !standing.AllowPartialSighash => Refusals.PartialSighashNotAllowed(input.SighashType),
            { } input when input.Sighash != request.Message => Refusals.SighashMismatch(input.Sighash, request.Message),
            { } input when !request.Tweaks.Equals(new TweakList(new Tweak(input.Tweak, TweakMode.XOnly))) => Refusals.TweakMismatch,
            _ => null,
        };
    }

    private static Refusal? CheckTweaks(ThresholdInfo group, SigningRequest request) =>
        OutputKey(group, request).TryGet(out _, out _) ? null : Refusals.TweakMismatch;
}
