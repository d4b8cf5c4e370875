using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Policy;

/// <summary>Holds a payment against a policy.</summary>
public static class PolicyCheck
{
    /// <summary>
    /// Everything that the policy has against the payment, in the order of its rules: hash types, number of outputs, quarantine, denied, not allowed, amount of
    /// an output, fee rate, window, amount of the payment, amount of the day, approvals. Under one rule by input or output. The first is the refusal; none means
    /// that the payment may be signed. Found as they are asked for.
    /// </summary>
    public static IEnumerable<Refusal> Findings(SpendingPolicy policy, AcceptedPayment payment, PolicyFacts facts) => policy.NamesGroup
        ? HashTypes(policy, payment)
            .Concat(Outputs(policy, payment))
            .Concat(FeeRate(policy, payment))
            .Concat(Window(policy, facts))
            .Concat(Outflow(policy, payment, facts))
        : [PolicyRefusals.GroupMissing(facts.Group)];

    private static IEnumerable<Refusal> HashTypes(SpendingPolicy policy, AcceptedPayment payment) =>
        payment.Signed.Where(input => !policy.HashTypes.Contains(input.SighashType))
            .Select(input => PolicyRefusals.HashType(input.Index, input.SighashType, policy.HashTypes));

    private static IEnumerable<Refusal> Outputs(SpendingPolicy policy, AcceptedPayment payment)
    {
        IEnumerable<Refusal> tooMany = payment.Outputs.Count > policy.MaximumOutputs
            ? [PolicyRefusals.TooManyOutputs(payment.Outputs.Count, policy.MaximumOutputs.Value)]
            : [];
        PaidOutput[] leaving = [.. payment.Outputs.Where(static output => !output.IsChange)];
        return tooMany
            .Concat(Against(static (output, policy) => policy.Quarantined.Contains(output.Script), PolicyRefusals.OutputQuarantined))
            .Concat(payment.Foreign.Where(input => policy.Quarantined.Contains(input.Script))
                .Select(input => PolicyRefusals.InputQuarantined(input.Index, NameOf(policy, input.Script))))
            .Concat(Against(static (output, policy) => policy.Denied.Contains(output.Script), PolicyRefusals.OutputDenied))
            .Concat(Against(static (output, policy) => policy.Allowed?.Contains(output.Script) == false, PolicyRefusals.OutputNotAllowed))
            .Concat(Against(
                static (output, policy) => output.AmountSat > policy.MaximumOutputSat,
                (output, to) => PolicyRefusals.OutputAboveLimit(output, to, policy.MaximumOutputSat!.Value)));

        IEnumerable<Refusal> Against(Func<PaidOutput, SpendingPolicy, bool> breaks, Func<PaidOutput, string, Refusal> refuse) =>
            leaving.Where(output => breaks(output, policy)).Select(output => refuse(output, NameOf(policy, output.Script)));
    }

    private static IEnumerable<Refusal> FeeRate(SpendingPolicy policy, AcceptedPayment payment)
    {
        if (payment.FeeSat is not { } feeSat)
        {
            return [PolicyRefusals.AmountOverflow];
        }

        return feeSat > (UInt128?)policy.MaximumFeeRate * payment.VirtualBytes
            ? [PolicyRefusals.FeeRateAboveLimit(feeSat, payment.VirtualBytes, policy.MaximumFeeRate!.Value)]
            : [];
    }

    private static IEnumerable<Refusal> Window(SpendingPolicy policy, PolicyFacts facts) =>
        policy.Window is { } window && !window.Contains(facts.Now) ? [PolicyRefusals.OutsideWindow(facts.Now, window)] : [];

    private static IEnumerable<Refusal> Outflow(SpendingPolicy policy, AcceptedPayment payment, PolicyFacts facts)
    {
        if (payment.OutflowSat is not { } neededSat)
        {
            yield return PolicyRefusals.AmountOverflow;
            yield break;
        }

        if (neededSat > policy.MaximumPaymentSat)
        {
            yield return PolicyRefusals.PaymentAboveLimit(neededSat, policy.MaximumPaymentSat.Value);
        }

        if (policy.MaximumDaySat is { } limitSat && Day(limitSat, neededSat, facts.SpentToday) is { } spent)
        {
            yield return spent;
        }

        if (policy.Approvals is { } rule && neededSat > rule.AboveSat && CheckApprovals(rule, payment, facts, neededSat) is { } missing)
        {
            yield return missing;
        }
    }

    /// <summary>Why a payment is above what a day has left; null when it is not.</summary>
    /// <param name="spentToday">Satoshis; null where nobody counts.</param>
    internal static Refusal? Day(ulong limitSat, ulong neededSat, ulong? spentToday)
    {
        if (spentToday is not { } spentSat)
        {
            return PolicyRefusals.SpentUnknown(neededSat, limitSat);
        }

        ulong availableSat = limitSat > spentSat ? limitSat - spentSat : 0;
        return neededSat > availableSat ? PolicyRefusals.DayAboveLimit(neededSat, availableSat, spentSat) : null;
    }

    private static Refusal? CheckApprovals(ApprovalRule rule, AcceptedPayment payment, PolicyFacts facts, ulong neededSat)
    {
        // A txid says nothing of a transaction that may still change.
        Bytes32? message = payment.IsFixed ? Approval.MessageOf(facts.Group, payment.Txid) : null;
        // Approvers are counted and not approvals, so nobody counts twice.
        int valid = rule.Approvers.Count(approver => message is { } signed && facts.Approvals.Any(approval => approval.IsOf(approver, signed)));
        return valid < rule.Needed ? PolicyRefusals.ApprovalsMissing(rule, valid, facts.Approvals.Count, neededSat) : null;
    }

    private static string NameOf(SpendingPolicy policy, Script script) => OutputAddress.Of(policy.Network, script) ?? $"script:{script}";
}
