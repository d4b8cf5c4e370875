using SignerCluster.Frost;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Protocol;

/// <summary>Every refusal of the protocol, in one place so that no code is spelled twice. The codes are a contract.</summary>
internal static class Refusals
{
    internal const string AttemptStaleCode = "attempt_stale";
    internal const string UnknownGroupCode = "unknown_group";
    internal const string SeatNotHeldCode = "seat_not_held";

    internal static Refusal UnknownGroup(GroupId group) =>
        Refusal.Terminal(UnknownGroupCode, $"Group {group} is not known here. List the known ones with: signer group list.", ("group", group));

    internal static Refusal SeatNotHeld(SeatId seat) => Refusal.Terminal(SeatNotHeldCode, $"Seat {seat} is not held by this participant.", ("seat", seat));

    internal static Refusal RekeyRequired { get; } = Refusal.Terminal("group_rekey_required", "The group is stopped: it needs a new key before it signs again.");

    internal static Refusal GroupRetired { get; } = Refusal.Terminal("group_retired", "The group's key is retired.");

    internal static Refusal RawNotAllowed { get; } =
        Refusal.Terminal("raw_message_not_allowed", "A bare message is signed only where allow-raw is set. Show the PSBT instead, or set allow-raw.");

    internal static Refusal SessionNotFound { get; } = Refusal.Recoverable("session_not_found", "The session was never opened here. Open it first.");

    internal static Refusal SessionAborted { get; } = Refusal.Terminal("session_aborted", "The session was aborted or expired. Use a new session id.");

    internal static Refusal AlreadyAggregated { get; } =
        Refusal.Terminal("attempt_already_aggregated", "The session has its signature; it is never aggregated again. Read the recorded signature.");

    internal static Refusal ConsumedNonceReplay { get; } =
        Refusal.Recoverable("consumed_nonce_replay", "The attempt's nonce is spent on another package. Use a new attempt.");

    internal static Refusal AttemptConsumed { get; } =
        Refusal.Recoverable("attempt_consumed", "The seat has given its share of this attempt; there is nothing more to commit to in it. Use a new attempt.");

    internal static Refusal NonceLost { get; } =
        Refusal.Recoverable("nonce_lost", "The nonce of this commitment no longer exists, as after a restart. Ask for a commitment to a newer attempt.");

    internal static Refusal AttemptConflict { get; } =
        Refusal.Recoverable("attempt_conflict", "Another attempt has this number. Use a higher number.");

    internal static Refusal AttemptNotLive { get; } =
        Refusal.Recoverable("attempt_not_live", "The seat has no live commitment for this attempt. Ask for a commitment to a newer attempt.");

    internal static Refusal AttemptIdMismatch { get; } =
        Refusal.Recoverable("attempt_id_mismatch", "The attempt's id does not follow from session, group, message, tweaks, number and included set.");

    internal static Refusal AttemptsExhausted { get; } =
        Refusal.Terminal("attempts_exhausted", $"The seat has signed {ConsumedMarkers.Capacity} attempts in this session and takes no more.", ("capacity", ConsumedMarkers.Capacity));

    internal static Refusal SignatureInvalid { get; } =
        Refusal.Recoverable("signature_invalid", "The signature does not verify under the session's tweaked key and message.");

    internal static Refusal SessionConflict(SessionId session) =>
        Refusal.Terminal("session_conflict", $"Session {session} already stands for another payload. Use a new session id.", ("session", session));

    internal static Refusal AttemptStale(int number, int newest) =>
        Refusal.Recoverable(AttemptStaleCode, "The seat has moved on to a newer attempt.", ("number", number), ("newest", newest));

    internal static Refusal AttemptContextInvalid(string rule) => Refusal.Recoverable("attempt_context_invalid", $"The attempt context is invalid: {rule}.", ("rule", rule));

    internal static Refusal PackageMismatch(string part, object expected, object actual) =>
        Refusal.Recoverable("package_mismatch", $"The package does not fit the session: {part}.", ("part", part), ("expected", expected), ("actual", actual));

    internal static Refusal PackageInvalid(FrostRefusal cause) =>
        Refusal.Recoverable("package_invalid", $"The package's commitments cannot be aggregated: {cause.Message}", ("cause", cause.Code));

    internal static Refusal SeatsQuarantined(SeatSet seats) =>
        Refusal.Recoverable("seat_quarantined", $"The operator has quarantined seats {seats}.", ("seats", seats));

    internal static Refusal SighashMismatch(object expected, object actual) =>
        Refusal.Terminal("sighash_mismatch", "The message is not the sighash that the PSBT gives.", ("expected", expected), ("actual", actual));

    internal static Refusal TweakMismatch { get; } =
        Refusal.Terminal("tweak_mismatch", "The tweaks do not lead from the group key to the output that the PSBT's input pays from.");

    internal static Refusal PartialSighashNotAllowed(object type) =>
        Refusal.Terminal(
            "sighash_type_not_allowed",
            $"Hash type {type} leaves parts of the transaction open to change. Use DEFAULT or ALL, or set allow-partial-sighash.",
            ("sighashType", type));

    internal static Refusal InputNotSignable(int input) =>
        Refusal.Terminal("psbt_input_not_signable", $"Input {input} of the PSBT is not a key-path input of the group.", ("input", input));

    /// <param name="isUninstalled">Did a participant decline because it was never given its seat?</param>
    internal static Refusal InsufficientSeats(int needed, int available, string reasons, bool isUninstalled) => Refusal.Terminal(
        "insufficient_seats",
        $"Only {available} seats can still sign and {needed} are needed: {reasons}.{(isUninstalled ? InstallAdvice : string.Empty)}",
        ("needed", needed),
        ("available", available),
        ("reasons", reasons));

    private const string InstallAdvice =
        " Whoever holds a seat that its nodes do not know runs: signer seat install --config FILE --bundle FILE, and starts them again; then use a new session id.";

    internal static Refusal Malformed(string kind, string? path) =>
        Refusal.Terminal("malformed_message", $"Not a well-formed {kind} at {path ?? "$"}.", ("kind", kind), ("path", path ?? "$"));
}
