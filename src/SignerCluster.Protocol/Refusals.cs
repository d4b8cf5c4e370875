using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Frost;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Protocol;

/// <summary>Every refusal of the protocol, in one place so that no code is spelled twice. The codes are a contract.</summary>
public static class Refusals
{
    public const string AttemptStaleCode = "attempt_stale";
    public const string UnknownGroupCode = "unknown_group";
    public const string SeatNotHeldCode = "seat_not_held";
    public const string SessionNotFoundCode = "session_not_found";
    public const string SessionConflictCode = "session_conflict";
    public const string RawNotAllowedCode = "raw_message_not_allowed";
    public const string PartialSighashNotAllowedCode = "sighash_type_not_allowed";
    public const string InsufficientSeatsCode = "insufficient_seats";
    public const string RekeyRequiredCode = "group_rekey_required";
    public const string GroupRetiredCode = "group_retired";

    public static Refusal UnknownGroup(GroupId group) =>
        Refusal.Terminal(UnknownGroupCode, $"Group {group} is not known here.", ("group", group));

    public static Refusal SeatNotHeld(SeatId seat) => Refusal.Terminal(SeatNotHeldCode, $"Seat {seat} is not held by this participant.", ("seat", seat));

    public static Refusal RekeyRequired { get; } = Refusal.Terminal(RekeyRequiredCode, "The group is stopped: it needs a new key before it signs again.");

    public static Refusal GroupRetired { get; } = Refusal.Terminal(GroupRetiredCode, "The group's key is retired.");

    public static Refusal RawNotAllowed { get; } =
        Refusal.Terminal(RawNotAllowedCode, "A bare message is signed only where the operator allows it. Show the PSBT instead.");

    public static Refusal CovenantOfAnotherGroup { get; } =
        Refusal.Terminal("covenant_of_another_group", "The signer of the covenant is another group than the one that is asked.");

    public static Refusal CovenantNotApproved(CovenantRole role) => Refusal.Terminal(
        "covenant_not_approved",
        $"There is no approval of the transaction under the covenant's key of the {role}.",
        ("role", role.ToString().ToLowerInvariant()));

    public static Refusal SessionNotFound { get; } = Refusal.Recoverable(SessionNotFoundCode, "The session was never opened here. Open it first.");

    public static Refusal SessionAborted { get; } = Refusal.Terminal("session_aborted", "The session was aborted or expired. Use a new session id.");

    public static Refusal AlreadyAggregated { get; } =
        Refusal.Terminal("attempt_already_aggregated", "The session has its signature; it is never aggregated again. Read the recorded signature.");

    public static Refusal ConsumedNonceReplay { get; } =
        Refusal.Recoverable("consumed_nonce_replay", "The attempt's nonce is spent on another package. Use a new attempt.");

    public static Refusal AttemptConsumed { get; } =
        Refusal.Recoverable("attempt_consumed", "The seat has given its share of this attempt; there is nothing more to commit to in it. Use a new attempt.");

    public static Refusal NonceLost { get; } =
        Refusal.Recoverable("nonce_lost", "The nonce of this commitment no longer exists, as after a restart. Ask for a commitment to a newer attempt.");

    public static Refusal AttemptConflict { get; } =
        Refusal.Recoverable("attempt_conflict", "Another attempt has this number. Use a higher number.");

    public static Refusal AttemptNotLive { get; } =
        Refusal.Recoverable("attempt_not_live", "The seat has no live commitment for this attempt. Ask for a commitment to a newer attempt.");

    public static Refusal AttemptIdMismatch { get; } =
        Refusal.Recoverable("attempt_id_mismatch", "The attempt's id does not follow from session, group, message, tweaks, number and included set.");

    public static Refusal AttemptsExhausted { get; } =
        Refusal.Terminal(
            "attempts_exhausted",
            $"The seat has signed {ConsumedMarkers.Capacity} attempts in this session and takes no more.",
            ("capacity", ConsumedMarkers.Capacity));

    public static Refusal SignatureInvalid { get; } =
        Refusal.Recoverable("signature_invalid", "The signature does not verify under the session's tweaked key and message.");

    public static Refusal SessionConflict(SessionId session) =>
        Refusal.Terminal(SessionConflictCode, $"Session {session} already stands for another payload. Use a new session id.", ("session", session));

    public static Refusal AttemptStale(int number, int newest) =>
        Refusal.Recoverable(AttemptStaleCode, "The seat has moved on to a newer attempt.", ("number", number), ("newest", newest));

    public static Refusal AttemptContextInvalid(string rule) =>
        Refusal.Recoverable("attempt_context_invalid", $"The attempt context is invalid: {rule}.", ("rule", rule));

    public static Refusal PackageMismatch(string part, object expected, object actual) =>
        Refusal.Recoverable("package_mismatch", $"The package does not fit the session: {part}.", ("part", part), ("expected", expected), ("actual", actual));

    public static Refusal PackageInvalid(FrostRefusal cause) =>
        Refusal.Recoverable("package_invalid", $"The package's commitments cannot be aggregated: {cause.Message}", ("cause", cause.Code));

    public static Refusal SeatsQuarantined(SeatSet seats) =>
        Refusal.Recoverable("seat_quarantined", $"The operator has quarantined seats {seats}.", ("seats", seats));

    public static Refusal SighashMismatch(object expected, object actual) =>
        Refusal.Terminal(
            "sighash_mismatch", "The message is not the sighash that the PSBT or the text to prove gives.", ("expected", expected), ("actual", actual));

    public static Refusal TweakMismatch { get; } =
        Refusal.Terminal(
            "tweak_mismatch",
            "The tweaks do not lead from the group key to the output that the PSBT's input pays from, or to the address that is proved.");

    public static Refusal PartialSighashNotAllowed(object type) =>
        Refusal.Terminal(
            PartialSighashNotAllowedCode,
            $"Hash type {type} leaves parts of the transaction open to change. Use DEFAULT or ALL.",
            ("sighashType", type));

    public static Refusal InputNotSignable(int input) =>
        Refusal.Terminal("psbt_input_not_signable", $"Input {input} of the PSBT is not a key-path input of the group.", ("input", input));

    public static Refusal InsufficientSeats(int needed, int available, string reasons) => Refusal.Terminal(
        InsufficientSeatsCode,
        $"Only {available} seats can still sign and {needed} are needed: {reasons}.",
        ("needed", needed),
        ("available", available),
        ("reasons", reasons));

    public static Refusal PaymentTooLarge(int messages, int most) => Refusal.Terminal(
        "payment_too_large",
        $"{messages} messages are to be signed at once, and for the group's threshold at most {most} fit. Split the payment.",
        ("messages", messages),
        ("most", most));

    public static Refusal TooManyApprovals(int given) => Refusal.Terminal(
        "too_many_approvals",
        $"{given} approvals came, and at most {Approval.MaximumCount} may. Send one of each approver.",
        ("needed", given),
        ("available", Approval.MaximumCount));

    public static Refusal TooManyRequests(int most) => Refusal.Terminal("too_many_requests", $"At most {most} requests in one message.", ("most", most));

    public static Refusal Malformed(string kind, string? path) =>
        Refusal.Terminal("malformed_message", $"Not a well-formed {kind} at {path ?? "$"}.", ("kind", kind), ("path", path ?? "$"));
}
