using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>What must hold before anything is signed for a covenant. Null means allowed.</summary>
internal static class CovenantPolicy
{
    /// <summary>
    /// A participant never trusts the message it is told: it computes the hash from the covenant and the payment that it is shown, and signs nothing that those
    /// whom the covenant names beside the group have not approved.
    /// </summary>
    internal static Refusal? Check(Standing standing, SigningRequest request, PolicyArtefact.CovenantPath artefact)
    {
        if (!artefact.Payment.TryMakeSpend(artefact.Terms, standing.PaymentLimits, out CovenantSpend? spend, out Refusal? refusal))
        {
            return refusal;
        }

        return standing.Withdrawal is not null ? GuardianRefusals.NotWhole
            : new GroupId(spend.Template.Signer) != request.Group ? Refusals.CovenantOfAnotherGroup
            : request.Message.Count != 1 ? Refusals.SighashMismatch(1, request.Message.Count)
            : request.Message[0] != spend.Sighash ? Refusals.SighashMismatch(spend.Sighash, request.Message[0])
            : request.Tweaks[0].Count != 0 ? Refusals.TweakMismatch
            : FindMissing(spend, artefact.Approvals) is { } role ? Refusals.CovenantNotApproved(role)
            : CheckPolicy(standing, request.Group, spend, artefact.Approvals);
    }

    /// <summary>The covenant was accepted when the session was opened, so only the policy is asked.</summary>
    internal static Refusal? CheckAgain(Standing standing, GroupId group, PolicyArtefact.CovenantPath artefact) =>
        artefact.Payment.TryMakeSpend(artefact.Terms, standing.PaymentLimits, out CovenantSpend? spend, out Refusal? refusal)
            ? CheckPolicy(standing, group, spend, artefact.Approvals)
            : refusal;

    /// <summary>Whose approval is not there: the depositor approves always, the custodian where there is one.</summary>
    private static CovenantRole? FindMissing(CovenantSpend spend, Batch<Approval> approvals)
    {
        Bytes32 message = Approval.MessageOf(new GroupId(spend.Template.Signer), spend.Plan.Unsigned.Txid);
        CovenantKey? missing = spend.Template.Leaves[0].Keys
            .FirstOrDefault(key => key.Role != CovenantRole.Signer && !approvals.Any(approval => approval.IsOf(key.Key, message)));
        return missing?.Role;
    }

    private static Refusal? CheckPolicy(Standing standing, GroupId group, CovenantSpend spend, Batch<Approval> approvals) => standing.Policy is { } policy
        ? PolicyCheck.Findings(policy, AcceptedPayment.Of(spend), new PolicyFacts(group, standing.Now, standing.SpentToday, [.. approvals])).FirstOrDefault()
        : null;
}
