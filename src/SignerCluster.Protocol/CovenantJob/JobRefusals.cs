using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>Every refusal of a job. The codes are a contract.</summary>
public static class JobRefusals
{
    public const string RegistryUnavailableCode = "registry_unavailable";

    public const string QuarantinedCode = "job_quarantined";

    /// <summary>The job's own record cannot be read. It is never taken for new (C1).</summary>
    public static Refusal Quarantined(Refusal unreadable) => new(QuarantinedCode, RefusalClass.Recoverable, unreadable.Message, unreadable.Evidence);

    /// <summary>An operator has given the job up. The id is never free again (C1).</summary>
    public static Refusal Abandoned(JobDecision decision) => Refusal.Terminal(
        "job_abandoned",
        "The job's record was lost, and an operator has given the job up. Its id stays taken; make another request.",
        ("key", decision.Key),
        ("at", decision.At),
        ("reason", decision.Reason));

    /// <summary>What can be read is not given up.</summary>
    public static Refusal NotQuarantined { get; } =
        Refusal.Terminal("job_not_quarantined", "The job can be read, or there is none. Only a job whose record cannot be read can be given up.");

    public static Refusal TxidInvalid { get; } =
        Refusal.Terminal("job_txid_invalid", "A txid is 64 lower-case hex digits, as explorers show it.");

    internal static Refusal DecisionsNotTaken { get; } = Refusal.Terminal(
        "job_decisions_not_taken", "Nobody may give jobs up here. Name the key of whoever may: --decision-key, or decision-key of the registry.");

    internal static Refusal DecisionReasonInvalid { get; } = Refusal.Terminal(
        "job_decision_reason_invalid", $"A reason is 1..{JobDecision.MaximumReasonLength} printable characters.");

    internal static Refusal DecisionUnsigned { get; } =
        Refusal.Terminal("job_decision_unsigned", "The decision's key did not sign it for this job, reason and time.");

    internal static Refusal NotFound { get; } = Refusal.Recoverable("job_not_found", "There is no job of this id on this route. Submit it.");

    internal static Refusal CertificateMissing { get; } =
        Refusal.Terminal("job_certificate_missing", "The reserve asks for a certificate of the signers. Have one issued for this transaction.");

    internal static Refusal CertificateInvalid { get; } =
        Refusal.Terminal("job_certificate_invalid", "The certificate is not the group's, or not for this transaction.");

    internal static Refusal QuoteMissing { get; } = Refusal.Terminal("job_quote_missing", "The reserve asks for a quote. Get one for this plan.");

    internal static Refusal QuoteInvalid { get; } =
        Refusal.Terminal("job_quote_invalid", "The quote is not the reserve's quoter's, or not for this plan.");

    internal static Refusal Expired { get; } = Refusal.Terminal(
        "job_expired", "The job was not signed within the time that jobs have. Its id stays taken; make another request.");

    internal static Refusal VersionUnknown(int version) =>
        Refusal.Terminal("job_version_unknown", $"Requests have version 1, not {version}.", ("version", version));

    internal static Refusal RouteMismatch(CovenantKind route, CovenantKind kind) => Refusal.Terminal(
        "job_route_mismatch",
        $"A covenant of {kind.ToName()} was sent to the route {route.ToName()}.",
        ("expected", route.ToName()),
        ("actual", kind.ToName()));

    internal static Refusal Conflict(JobAddress address, Bytes32 expected, Bytes32 actual) => Refusal.Terminal(
        "job_conflict",
        $"Request {address.Id} of {address.Route.ToName()} already stands for another job. Use a new id.",
        ("id", address.Id),
        ("expectedDigest", expected),
        ("actualDigest", actual));

    internal static Refusal DecisionOfAnother(JobAddress job) => Refusal.Terminal(
        "job_decision_of_another", "The decision is about another job.", ("route", job.Route.ToName()), ("id", job.Id));

    internal static Refusal DecisionNotAllowed(Bytes32 key) =>
        Refusal.Terminal("job_decision_not_allowed", "This key may not give jobs up here.", ("key", key));

    internal static Refusal AlreadyAbandoned(JobDecision earlier) => Refusal.Terminal(
        "job_already_abandoned",
        "The job was given up before, by another decision, which stands.",
        ("key", earlier.Key),
        ("at", earlier.At),
        ("reason", earlier.Reason));

    internal static Refusal RegistryUnavailable(string reason, DateTimeOffset since) => Refusal.Recoverable(
        RegistryUnavailableCode,
        $"The registry cannot be asked ({reason}, since {since:u}), so nothing that needs it is decided. Try again.",
        ("reason", reason),
        ("since", since.ToUnixTimeSeconds()));

    internal static Refusal ReserveUnknown(string reserve) =>
        Refusal.Terminal("reserve_unknown", "The registry has no such reserve.", ("reserve", reserve));

    internal static Refusal HeightUnknown { get; } =
        Refusal.Recoverable("height_unknown", "The registry does not say how high the chain is, so no certificate can be judged.");

    internal static Refusal EpochMismatch(ulong expected, ulong actual) => Refusal.Terminal(
        "reserve_epoch_mismatch", "The reserve is in another epoch.", ("expected", expected), ("actual", actual));

    internal static Refusal KeyNotOfReserve(CovenantRole role, Bytes32 key) => Refusal.Terminal(
        "reserve_key_unknown", $"The registry does not list this key as a {role} of the reserve.", ("role", role), ("key", key));

    internal static Refusal CertificateExpired(uint endBlock, uint height) => Refusal.Terminal(
        "job_certificate_expired", "The certificate was good up to a block that the chain has passed.", ("endBlock", endBlock), ("height", height));

    internal static Refusal QuoteNotFresh(PlanQuote quote, ulong now) => Refusal.Terminal(
        "job_quote_not_fresh", "The quote is not good at this time.", ("issuedAt", quote.IssuedAt), ("expiresAt", quote.ExpiresAt), ("now", now));
}
