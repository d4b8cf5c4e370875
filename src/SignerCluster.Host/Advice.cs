using System.Globalization;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Host;

/// <summary>What an operator can do about a refusal, in the words of this program: the protocol knows no commands.</summary>
internal static class Advice
{
    /// <summary>The refusal's message with the advice after it, where there is any.</summary>
    internal static string Worded(Refusal refusal) => For(refusal) is { } advice ? $"{refusal.Message} {advice}" : refusal.Message;

    private static string? For(Refusal refusal) => refusal.Code switch
    {
        Refusals.UnknownGroupCode => "List the known ones with: signer group list.",
        Refusals.RawNotAllowedCode => "Or start the signer with --allow-raw (a node: allow-raw in its file).",
        Refusals.PartialSighashNotAllowedCode => "Or start the signer with --allow-partial-sighash (a node: allow-partial-sighash in its file).",
        RefusalCodes.PsbtAlreadySigned => "With the id of the session that signed it, its answer is given again.",
        RefusalCodes.PsbtFeeTooHigh => "If it is meant, start the signer with a higher --maximum-fee (a node: payments.maximum-fee in its file).",
        RefusalCodes.PsbtFeeRateTooHigh => "If it is meant, start the signer with a higher --maximum-fee-rate (a node: payments.maximum-fee-rate in its file).",
        PolicyRefusals.ApprovalsMissingCode =>
            "Approvers run: signer approve --psbt FILE --group G --identity FILE --out FILE; then give sign --approval FILE.",
        _ when refusal.Code.StartsWith(PolicyRefusals.Prefix, StringComparison.Ordinal) =>
            "signer policy check --policy FILE --psbt FILE shows everything that the policy has against the payment.",
        UnreadableHistoryException.RefusalCode => "signer journal verify shows all such rows.",
        GuardianRefusals.MissingCode => "signer guardian configure gives it one.",
        GuardianRefusals.RequiredCode => "signer withdraw does so.",
        GuardianRefusals.RateLimitedCode => When(refusal),
        GuardianRefusals.FrozenCode => "signer guardian unfreeze lifts it.",
        GuardianRefusals.StoppedCode => "signer guardian resume lifts it.",
        Refusals.InsufficientSeatsCode when IsUninstalled(refusal) =>
            "Whoever holds a seat that its nodes do not know runs: signer seat install --config FILE --bundle FILE, and starts them again; "
                + "then use a new session id.",
        _ => null,
    };

    /// <summary>For people, who do not count seconds; the number is in the evidence.</summary>
    private static string? When(Refusal refusal) => refusal.Evidence.GetValueOrDefault("availableAt") switch
    {
        null => null,
        { } at when ulong.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seconds) =>
            $"That is from {UnixTime.ToText(seconds)} on, unless something else is withdrawn before.",
        _ => "That window is never filled up again: its rules must be changed first.",
    };

    /// <summary>Did a participant decline because it was never given its seat?</summary>
    private static bool IsUninstalled(Refusal refusal) =>
        refusal.Evidence.TryGetValue("reasons", out string? reasons)
        && (reasons.Contains(Refusals.UnknownGroupCode, StringComparison.Ordinal) || reasons.Contains(Refusals.SeatNotHeldCode, StringComparison.Ordinal));
}
