using System.Globalization;
using SignerCluster.Bitcoin.Spending;

namespace SignerCluster.Protocol.Policy;

/// <summary>
/// Every refusal of a policy. The codes are a contract; README.md in this folder lists them. Amounts in evidence are satoshis: <c>needed</c> is what the payment
/// asks for, <c>available</c> what the rule leaves.
/// </summary>
public static class PolicyRefusals
{
    /// <summary>All codes of this class begin so.</summary>
    public const string Prefix = "policy_";

    public const string ApprovalsMissingCode = "policy_approvals_missing";

    internal static Refusal AmountOverflow { get; } =
        Refusal.Terminal("policy_amount_overflow", "The payment's amounts sum to more than 64 bits hold.");

    internal static Refusal RawMessage { get; } = Refusal.Terminal(
        "policy_raw_message", "The group has a policy, and a bare message does not tell what it pays. Show the PSBT instead.");

    internal static Refusal GroupMissing(GroupId group) => Refusal.Terminal(
        "policy_group_missing",
        $"The policy file says nothing of group {group}, so nothing is signed for it. Name the group in the file, or \"*\" for all others.",
        ("group", group));

    internal static Refusal HashType(int input, SighashType type, IEnumerable<SighashType> allowed) => Refusal.Terminal(
        "policy_hash_type",
        $"Input {input} asks for the hash type {type}, which the policy does not allow.",
        ("input", input),
        ("needed", type),
        ("available", string.Join(", ", allowed.Order())));

    internal static Refusal TooManyOutputs(int needed, int available) => Refusal.Terminal(
        "policy_too_many_outputs",
        $"The payment has {needed} outputs, and the policy allows {available}.",
        ("needed", needed),
        ("available", available));

    internal static Refusal OutputQuarantined(PaidOutput output, string to) => Refusal.Recoverable(
        "policy_output_quarantined", $"Output {output.Index} pays to {to}, which is in quarantine.", ("output", output.Index), ("to", to));

    internal static Refusal InputQuarantined(int input, string from) => Refusal.Recoverable(
        "policy_input_quarantined", $"Input {input} spends from {from}, which is in quarantine.", ("input", input), ("from", from));

    internal static Refusal OutputDenied(PaidOutput output, string to) => Refusal.Terminal(
        "policy_output_denied", $"Output {output.Index} pays to {to}, which the policy denies.", ("output", output.Index), ("to", to));

    internal static Refusal OutputNotAllowed(PaidOutput output, string to) => Refusal.Terminal(
        "policy_output_not_allowed", $"Output {output.Index} pays to {to}, which the policy does not list.", ("output", output.Index), ("to", to));

    internal static Refusal OutputAboveLimit(PaidOutput output, string to, ulong availableSat) => Refusal.Terminal(
        "policy_output_above_limit",
        $"Output {output.Index} pays {output.AmountSat} sat to {to}, and the policy allows {availableSat} sat an output.",
        ("output", output.Index),
        ("to", to),
        ("needed", output.AmountSat),
        ("available", availableSat));

    internal static Refusal FeeRateAboveLimit(ulong feeSat, ulong virtualBytes, ulong rate) => Refusal.Terminal(
        "policy_fee_rate_above_limit",
        $"The fee is {feeSat} sat for {virtualBytes} vB, and the policy allows {rate} sat/vB.",
        ("needed", feeSat),
        ("available", (UInt128)rate * virtualBytes),
        ("virtualBytes", virtualBytes));

    internal static Refusal OutsideWindow(long now, DailyWindow window) => Refusal.Recoverable(
        "policy_outside_window",
        $"It is {Text(DailyWindow.TimeOf(now))} UTC, and the policy signs from {Text(window.From)} to {Text(window.To)}. Ask again then, with a new session.",
        ("now", Text(DailyWindow.TimeOf(now))),
        ("from", Text(window.From)),
        ("to", Text(window.To)));

    internal static Refusal PaymentAboveLimit(ulong neededSat, ulong availableSat) => Refusal.Terminal(
        "policy_payment_above_limit",
        $"The payment takes {neededSat} sat from the group, fee included, and the policy allows {availableSat} sat.",
        ("needed", neededSat),
        ("available", availableSat));

    internal static Refusal SpentUnknown(ulong neededSat, ulong limitSat) => Refusal.Recoverable(
        "policy_spent_unknown",
        $"The policy allows {limitSat} sat a day, and nobody here counts what has left today. Put the group under a guardian, or take the rule out.",
        ("needed", neededSat),
        ("limit", limitSat));

    internal static Refusal DayAboveLimit(ulong neededSat, ulong availableSat, ulong spentSat) => Refusal.Recoverable(
        "policy_day_above_limit",
        $"The payment takes {neededSat} sat from the group, fee included, and the policy leaves {availableSat} sat today. Ask again after midnight UTC, with a "
            + "new session.",
        ("needed", neededSat),
        ("available", availableSat),
        ("spent", spentSat));

    internal static Refusal ApprovalsMissing(ApprovalRule rule, int valid, int given, ulong neededSat) => Refusal.Recoverable(
        ApprovalsMissingCode,
        $"The payment takes {neededSat} sat from the group, and above {rule.AboveSat} sat {rule.Needed} of {rule.Approvers.Count} approvers must have approved "
            + $"its txid: {valid} have. An approval counts for this group and this txid only, and for none whose hash types leave it open to change.",
        ("needed", rule.Needed),
        ("available", valid),
        ("given", given),
        ("above", rule.AboveSat),
        ("approvers", string.Join(", ", rule.Approvers)));

    private static string Text(TimeOnly time) => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
