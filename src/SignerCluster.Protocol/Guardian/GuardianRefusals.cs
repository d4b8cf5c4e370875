using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>Every refusal of a guardian. The codes are a contract.</summary>
public static class GuardianRefusals
{
    public const string MissingCode = "guardian_missing";
    public const string RequiredCode = "withdrawal_required";
    public const string BehindCode = "guardian_behind";
    public const string DivergedCode = "guardian_diverged";
    public const string TooEarlyCode = "loosening_too_early";
    public const string RateLimitedCode = "withdrawal_rate_limited";
    public const string FrozenCode = "group_frozen";
    public const string StoppedCode = "group_stopped";
    public const string TimeUnsharedCode = "guardian_time_unshared";

    public static Refusal NoGuardian { get; } =
        Refusal.Terminal(MissingCode, "The group has no guardian. Give it one, or open a plain session.");

    /// <summary>A group under a guardian signs withdrawals and nothing else.</summary>
    public static Refusal Required { get; } = Refusal.Recoverable(
        RequiredCode, "The group is under a guardian, which has accepted no such withdrawal. Ask for it as a withdrawal.");

    /// <summary>Passes by itself once the seats can be reached.</summary>
    internal static Refusal TimeUnshared { get; } = Refusal.Recoverable(
        TimeUnsharedCode,
        "Fewer seats than sign have told the guardian what time it is since it started, so it records nothing yet. Look at the links to the participants.");

    internal static Refusal SequenceExhausted { get; } = Refusal.Terminal("withdrawal_sequence_exhausted", "There is no number for one more withdrawal.");

    internal static Refusal AmountInvalid { get; } =
        Refusal.Terminal("withdrawal_amount_invalid", "The transaction takes nothing from the group, so it is no withdrawal.");

    internal static Refusal NotWhole { get; } = Refusal.Terminal(
        "withdrawal_not_whole",
        "A withdrawal is a PSBT whose signatures bind the whole transaction (hash type DEFAULT or ALL); anything else has no txid to bind.");

    internal static Refusal RulesInvalid(string rule) => Refusal.Terminal("guardian_rules_invalid", $"The rules cannot be used: {rule}.", ("rule", rule));

    internal static Refusal ReasonInvalid { get; } =
        Refusal.Terminal("guardian_reason_invalid", "A reason is 1..200 characters of text without control characters.");

    internal static Refusal NotFound(SessionId id) =>
        Refusal.Recoverable("withdrawal_not_found", $"The guardian has accepted no withdrawal {id}.", ("id", id));

    internal static Refusal Conflict(GuardianRecord.WithdrawalAccepted known, Bytes32 txid, ulong debit) => Refusal.Terminal(
        "withdrawal_conflict",
        $"Withdrawal {known.Id} already stands for another transaction. Use a new id.",
        ("id", known.Id),
        ("expectedTxid", new Txid(known.Txid)),
        ("actualTxid", new Txid(txid)),
        ("expectedDebit", known.Debit),
        ("actualDebit", debit));

    internal static Refusal TransactionTaken(SessionId id, Bytes32 txid) => Refusal.Terminal(
        "transaction_already_withdrawn", $"The transaction was accepted as withdrawal {id}. Ask for that one again.", ("id", id), ("txid", new Txid(txid)));

    internal static Refusal Frozen(string reason) => Refusal.Recoverable(FrozenCode, $"The group is frozen: {reason}.", ("reason", reason));

    internal static Refusal Stopped(string reason) => Refusal.Recoverable(
        StoppedCode, $"The operator of this party has stopped the group: {reason}.", ("reason", reason));

    internal static Refusal TooNew(ulong timestamp, ulong latest) => Refusal.Recoverable(
        "withdrawal_too_new", "The timestamp is further ahead of the clock than the rules allow.", ("timestamp", timestamp), ("latest", latest));

    internal static Refusal TooOld(ulong timestamp, ulong earliest) => Refusal.Terminal(
        "withdrawal_too_old", "The timestamp is older than the rules allow. Make a new withdrawal.", ("timestamp", timestamp), ("earliest", earliest));

    internal static Refusal SequenceMismatch(ulong expected, ulong actual) => Refusal.Recoverable(
        "withdrawal_sequence_mismatch", "The withdrawal does not have the next number.", ("expected", expected), ("actual", actual));

    internal static Refusal TimeBackwards(ulong last, ulong actual) => Refusal.Recoverable(
        "withdrawal_time_backwards", "The timestamp is before that of the newest record.", ("last", last), ("timestamp", actual));

    internal static Refusal TooLarge(LimiterWindow window, ulong amount) => Refusal.Terminal(
        "withdrawal_too_large",
        $"The withdrawal takes {amount} sat, and window {window.Name} never holds more than {window.Capacity}. Split it.",
        ("window", window.Name),
        ("needed", amount),
        ("capacity", window.Capacity));

    internal static Refusal RateLimited(LimiterWindow window, ulong available, ulong time, ulong amount) => Refusal.Recoverable(
        RateLimitedCode,
        $"The withdrawal takes {amount} sat, and window {window.Name} holds {available} now. Try again later with the same id.",
        ("window", window.Name),
        ("needed", amount),
        ("available", available),
        ("availableAt", window.SecondsUntil(available, amount) is { } seconds ? time + seconds : "never"),
        ("waitSeconds", window.SecondsUntil(available, amount) is { } wait ? wait : "never"));

    internal static Refusal Behind(long expected, long actual) => Refusal.Recoverable(
        BehindCode, "The guardian has not seen the records before this one.", ("expected", expected), ("actual", actual));

    internal static Refusal Diverged(long position, string what, object expected, object actual) => Refusal.Terminal(
        DivergedCode,
        $"Record {position} is not what follows from the records before it: {what}.",
        ("position", position),
        ("what", what),
        ("expected", expected),
        ("actual", actual));

    internal static Refusal TooEarly(ulong until) => Refusal.Recoverable(
        TooEarlyCode, "Rules that allow more were announced to this party too short a time ago.", ("until", until));
}
