using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Protocol;

/// <summary>What must hold before anything is signed for a request. Null means allowed.</summary>
internal static class RequestPolicy
{
    private const int CommitmentDigits = 132;

    private const int MessageDigits = 64;

    // One tweak of a message, where each message has others.
    private const int TweakDigits = 96;

    // The smallest frame that parties carry by default is 4 MiB and some.
    private const int MaximumPackageBytes = 4 * 1024 * 1024;

    internal static Refusal? CheckGroup(Standing standing, GroupId group) =>
        standing.Group is { } known && new GroupId(known.GroupKey.XOnly) == group ? null : Refusals.UnknownGroup(group);

    internal static Refusal? CheckSeat(Standing standing, GroupId group, SeatId seat) =>
        CheckGroup(standing, group) ?? (standing.HeldSeats.Contains(seat) ? null : Refusals.SeatNotHeld(seat));

    /// <summary>Lifecycle, then the artefact: the messages must follow from it. What follows is held against the group's policy.</summary>
    internal static Refusal? Check(Standing standing, SigningRequest request) => Check(standing, request, isClaimed: false, out _);

    /// <param name="isClaimed">Is the claim of any use to the asker? Computing it costs a tweak.</param>
    /// <param name="claim">What a PSBT that is allowed takes from the group; null for anything else.</param>
    internal static Refusal? Check(Standing standing, SigningRequest request, bool isClaimed, out WithdrawalClaim? claim)
    {
        claim = null;
        return CheckLifecycle(standing, request)
            ?? (request.IsEven ? null : Refusals.TweakMismatch)
            ?? CheckSize(standing.Group!, request)
            ?? request.Artefact switch
            {
                PolicyArtefact.PsbtInput input => CheckPsbt(standing, request, input, isClaimed, out claim),
                PolicyArtefact.MessageProof proof => CheckProof(standing, request, proof),
                PolicyArtefact.CovenantPath covenant => CovenantPolicy.Check(standing, request, covenant),
                _ => CheckBare(standing, request),
            };
    }

    /// <summary>
    /// The part that may have changed since the session was opened. A refusal is the last word on the session: a seat that only withdrew would be asked for
    /// another attempt at once, and so on until the policy's window opens.
    /// </summary>
    internal static Refusal? CheckAgain(Standing standing, SigningRequest request) =>
        CheckLifecycle(standing, request) ?? (standing.Policy is null ? null : CheckPolicyAgain(standing, request)?.AsTerminal());

    private static Refusal? CheckLifecycle(Standing standing, SigningRequest request) => standing.Lifecycle switch
    {
        GroupLifecycle.RekeyRequired => Refusals.RekeyRequired,
        GroupLifecycle.Retired => Refusals.GroupRetired,
        _ when standing.Barred is { } barred => barred,
        _ => request.Artefact is PolicyArtefact.Raw && !standing.AllowRaw ? Refusals.RawNotAllowed : null,
    };

    private static Refusal? CheckUnexplained(Standing standing) => standing.Policy is null ? null : PolicyRefusals.RawMessage;

    /// <summary>The PSBT was accepted when the session was opened, so only the policy is asked.</summary>
    private static Refusal? CheckPolicyAgain(Standing standing, SigningRequest request)
    {
        if (request.Artefact is not PolicyArtefact.PsbtInput artefact)
        {
            return request.Artefact switch
            {
                PolicyArtefact.MessageProof => null,
                PolicyArtefact.CovenantPath covenant => CovenantPolicy.CheckAgain(standing, request.Group, covenant),
                _ => CheckUnexplained(standing),
            };
        }

        return Psbt.TryParse(artefact.Psbt.AsSpan(), out Psbt? psbt, out BitcoinRefusal? refusal)
            && psbt.TryFindKeyPathInputs(standing.Group!.GroupKey.XOnly, out KeyPathInputs? inputs, out refusal)
                ? CheckPolicy(standing, request.Group, artefact, psbt, inputs)
                : Refusal.Terminal(refusal.Code, refusal.Message);
    }

    private static Refusal? CheckPolicy(Standing standing, GroupId group, PolicyArtefact.PsbtInput artefact, Psbt psbt, KeyPathInputs inputs)
    {
        if (standing.Policy is not { } policy)
        {
            return null;
        }

        AcceptedPayment payment = AcceptedPayment.Of(psbt, inputs, artefact.InputIndex, standing.Group!.GroupKey.XOnly);
        PolicyFacts facts = new(group, standing.Now, standing.SpentToday, (IReadOnlyList<Approval>?)artefact.Approvals ?? []);
        return PolicyCheck.Findings(policy, payment, facts).FirstOrDefault();
    }

    internal static Refusal? CheckQuarantine(Standing standing, SeatSet signers)
    {
        SeatSet quarantined = signers.Intersect(standing.Quarantined);
        return quarantined.IsEmpty ? null : Refusals.SeatsQuarantined(quarantined);
    }

    /// <summary>
    /// A participant never trusts the messages it is told: it recomputes the sighashes from the PSBT it is shown, and signs no payment that the network
    /// would not take or whose fee is above its own ceilings.
    /// </summary>
    private static Refusal? CheckPsbt(Standing standing, SigningRequest request, PolicyArtefact.PsbtInput artefact, bool isClaimed, out WithdrawalClaim? claim)
    {
        claim = null;
        if (!Psbt.TryParse(artefact.Psbt.AsSpan(), out Psbt? psbt, out BitcoinRefusal? refusal)
            || !psbt.TryAccept(standing.Group!.GroupKey.XOnly, standing.PaymentLimits, out KeyPathInputs? inputs, out refusal))
        {
            return Refusal.Terminal(refusal.Code, refusal.Message);
        }

        if (artefact.InputIndex.Count != request.Message.Count)
        {
            return Refusals.SighashMismatch(artefact.InputIndex.Count, request.Message.Count);
        }

        claim = isClaimed || standing.Withdrawal is not null ? WithdrawalClaim.Of(psbt, standing.Group!.GroupKey.XOnly, inputs) : null;
        if (standing.Withdrawal is { } accepted && claim!.Check(accepted) is { } mismatch)
        {
            return mismatch;
        }

        Dictionary<int, KeyPathInput> signable = inputs.ToSign.ToDictionary(static input => input.Index);
        return Enumerable.Range(0, request.Message.Count)
            .Select(message => CheckInput(standing, request, message, signable.GetValueOrDefault(artefact.InputIndex[message])))
            .FirstOrDefault(static refusal => refusal is not null)
            ?? CheckPolicy(standing, request.Group, artefact, psbt, inputs);
    }

    private static Refusal? CheckInput(Standing standing, SigningRequest request, int message, KeyPathInput? found) => found switch
    {
        null => Refusals.InputNotSignable(((PolicyArtefact.PsbtInput)request.Artefact).InputIndex[message]),
        { CommitsToWholeTransaction: false } when !standing.AllowPartialSighash => Refusals.PartialSighashNotAllowed(found.SighashType),
        _ when found.Sighash != request.Message[message] => Refusals.SighashMismatch(found.Sighash, request.Message[message]),
        _ when !request.Tweaks.For(message).Equals(TweakList.Of(found.Steps)) => Refusals.TweakMismatch,
        _ => null,
    };

    /// <summary>The one message and its tweaks must follow from the text and the address.</summary>
    private static Refusal? CheckProof(Standing standing, SigningRequest request, PolicyArtefact.MessageProof artefact)
    {
        if (!ProofRequest.TryCreate(standing.Group!.GroupKey.XOnly, artefact.Path, artefact.Text, out ProofRequest? proof, out BitcoinRefusal? refusal))
        {
            return Refusal.Terminal(refusal.Code, refusal.Message);
        }

        return standing.Withdrawal is not null ? GuardianRefusals.NotWhole
            : request.Message.Count != 1 ? Refusals.SighashMismatch(1, request.Message.Count)
            : request.Message[0] != proof.Sighash ? Refusals.SighashMismatch(proof.Sighash, request.Message[0])
            : !request.Tweaks[0].Equals(TweakList.Of(proof.Steps)) ? Refusals.TweakMismatch
            : null;
    }

    /// <summary>
    /// A package carries a commitment of each of t signers for each message, as hex: what would not fit into a frame is refused before it begins.
    /// </summary>
    private static Refusal? CheckSize(ThresholdInfo group, SigningRequest request)
    {
        int tweaks = request.Tweaks.Count == 1 ? 1 : request.Tweaks.Max(static list => Math.Max(1, list.Count));
        int most = MaximumPackageBytes / ((group.Threshold * CommitmentDigits) + MessageDigits + (tweaks * TweakDigits));
        return request switch
        {
            _ when request.Message.Count > most => Refusals.PaymentTooLarge(request.Message.Count, most),
            { Artefact: PolicyArtefact.PsbtInput { Approvals.Count: > Approval.MaximumCount and int given } } => Refusals.TooManyApprovals(given),
            { Artefact: PolicyArtefact.CovenantPath { Approvals.Count: > Approval.MaximumCount and int given } } => Refusals.TooManyApprovals(given),
            _ => null,
        };
    }

    private static Refusal? CheckBare(Standing standing, SigningRequest request) => standing switch
    {
        { Withdrawal: not null } => GuardianRefusals.NotWhole,
        _ when !standing.Group!.Tweaked(request.Tweaks).IsAccepted => Refusals.TweakMismatch,
        _ => CheckUnexplained(standing),
    };
}
