using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Http;

/// <summary>A payment that a group's guardian is to accept, and the cluster then to sign.</summary>
/// <param name="WithdrawalId">1..64 characters of a-z 0-9 . _ -, starting with a letter or digit; its session has the same id.</param>
/// <param name="Psbt">A PSBT of version 0 or 2, base64.</param>
/// <param name="Timestamp">Unix seconds; left out for the guardian's own time.</param>
/// <param name="Approvals">What approvers said to the PSBT, 192 hex digits each, as signer approve makes them; only where a policy asks for them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WithdrawalRequest(string WithdrawalId, string Psbt, ulong? Timestamp = null, IReadOnlyList<string>? Approvals = null);

/// <summary>A withdrawal that was accepted and paid for.</summary>
/// <param name="Sequence">Counts the group's withdrawals from 0.</param>
/// <param name="Position">Where it is in the guardian's chain of records.</param>
/// <param name="Txid">The transaction, as explorers write it.</param>
/// <param name="DebitSat">What leaves the group, the fee included.</param>
/// <param name="Timestamp">Unix seconds.</param>
/// <param name="Hash">Of its record, which binds all records before it.</param>
/// <param name="Envelope">
/// Once it is signed: the record, its proof and the signatures, signed by the session key that this process drew when it began. <c>signer withdrawal verify</c>
/// checks it offline.
/// </param>
internal sealed record WithdrawalResponse(
    string WithdrawalId,
    ulong Sequence,
    long Position,
    string Txid,
    ulong DebitSat,
    ulong Timestamp,
    string Hash,
    SessionResponse? Session = null,
    JsonObject? Envelope = null)
{
    internal static WithdrawalResponse Of(
        GuardianRecord.WithdrawalAccepted accepted, SessionResponse? session = null, JsonObject? envelope = null) => new(
        accepted.Id.ToString(),
        accepted.Sequence,
        accepted.Position,
        new Txid(accepted.Txid).ToString(),
        accepted.Debit,
        accepted.At,
        accepted.ComputeHash().ToString(),
        session,
        envelope);
}

/// <summary>A page of a group's withdrawals, in the order of their numbers.</summary>
/// <param name="Next">Where the next page starts: the value for from; left out on the last page.</param>
internal sealed record WithdrawalListResponse(IReadOnlyList<WithdrawalResponse> Withdrawals, ulong? Next);

/// <summary>What a guardian holds withdrawals to.</summary>
/// <param name="Windows">1..8 token buckets; a withdrawal must fit into each.</param>
/// <param name="MaximumAgeSeconds">How old a withdrawal's timestamp may be when a party first hears of it.</param>
/// <param name="MaximumSkewSeconds">How far it may be ahead of a party's clock.</param>
/// <param name="LooseningDelaySeconds">How long a change that allows more is announced before it holds.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record GuardianRulesDocument(
    IReadOnlyList<WindowDocument> Windows, ulong MaximumAgeSeconds = 1800, ulong MaximumSkewSeconds = 300, ulong LooseningDelaySeconds = 86_400)
{
    internal static GuardianRulesDocument Of(GuardianRules rules) => new(
        [.. rules.Windows.Select(static window => new WindowDocument(window.Name, window.Capacity, window.RefillPerSecond))],
        rules.MaximumAge,
        rules.MaximumSkew,
        rules.LooseningDelay);

    /// <summary>Null without a window, or with one that is null.</summary>
    internal GuardianRules? ToRules() => Windows.Count == 0 || Windows.Any(static window => window is null)
        ? null
        : new GuardianRules(
            Protocol.Batch.Of(Windows.Select(static window => new LimiterWindow(window.Name, window.CapacitySat, window.RefillSatPerSecond))),
            MaximumAgeSeconds,
            MaximumSkewSeconds,
            LooseningDelaySeconds);
}

/// <summary>One token bucket.</summary>
/// <param name="Name">1..32 characters of a-z 0-9 _ -.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record WindowDocument(string Name, ulong CapacitySat, ulong RefillSatPerSecond);

/// <summary>Why something is frozen, stopped, or no longer.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReasonRequest(string Reason);

/// <summary>The guardians of a group that this process has: the coordinator's, a participant's seats', or all.</summary>
/// <param name="Unread">Those that could not be asked; left out when there are none.</param>
internal sealed record GuardianResponse(string Group, IReadOnlyList<GuardianViewResponse> Guardians, IReadOnlyList<UnreadGuardian>? Unread = null);

/// <summary>A guardian that gave no answer.</summary>
/// <param name="Seat">Left out for the coordinator's.</param>
internal sealed record UnreadGuardian(int? Seat, string Code);

/// <summary>One guardian.</summary>
/// <param name="Seat">Left out for the coordinator's.</param>
/// <param name="Rules">Left out while the group has no guardian.</param>
/// <param name="Announced">Rules that will allow more.</param>
/// <param name="AnnouncedFrom">Unix seconds from which they hold.</param>
/// <param name="Windows">What each window holds now.</param>
/// <param name="Records">How many records its chain has.</param>
/// <param name="Head">The hash of the last one.</param>
/// <param name="Frozen">Why the group is frozen.</param>
/// <param name="Stopped">Why this party has stopped its part.</param>
/// <param name="Seats">Of the coordinator's: how many records each seat's guardian has folded, -1 where that is not known yet.</param>
internal sealed record GuardianViewResponse(
    int? Seat,
    GuardianRulesDocument? Rules,
    GuardianRulesDocument? Announced,
    ulong? AnnouncedFrom,
    IReadOnlyList<WindowLevelResponse>? Windows,
    ulong Withdrawals,
    long Records,
    string Head,
    string? Frozen,
    string? Stopped,
    IReadOnlyList<long>? Seats)
{
    internal static GuardianViewResponse Of(int? seat, GuardianView view, IReadOnlyList<long>? seats) => new(
        seat,
        view.Rules is { } rules ? GuardianRulesDocument.Of(rules) : null,
        view.Announced is { } announced ? GuardianRulesDocument.Of(announced) : null,
        view.AnnouncedFrom,
        WindowLevelResponse.Of(view),
        view.NextSequence,
        view.Records,
        view.Head.ToString(),
        view.FrozenBecause,
        view.StoppedBecause,
        seats);
}

/// <summary>What a window holds now.</summary>
internal sealed record WindowLevelResponse(string Name, ulong AvailableSat, ulong CapacitySat, ulong RefillSatPerSecond)
{
    internal static IReadOnlyList<WindowLevelResponse>? Of(GuardianView view) => view.Rules is null
        ? null
        : [.. view.Rules.Windows.Select((window, index) =>
            new WindowLevelResponse(window.Name, view.Tokens![index], window.Capacity, window.RefillPerSecond))];
}

/// <summary>What can be withdrawn now, and when an amount can. Nothing is reserved by asking.</summary>
/// <param name="AvailableSat">What every window holds.</param>
/// <param name="AmountSat">The amount that was asked for.</param>
/// <param name="AvailableAt">Unix seconds from which it is there if nothing is withdrawn before; left out when that never comes.</param>
internal sealed record CapacityResponse(ulong AvailableSat, IReadOnlyList<WindowLevelResponse> Windows, ulong? AmountSat, ulong? AvailableAt, string? Frozen)
{
    /// <param name="view">Of a guardian with rules.</param>
    internal static CapacityResponse Of(GuardianView view, ulong? amount, ulong now) => new(
        view.Tokens!.Min(), WindowLevelResponse.Of(view)!, amount, amount is { } asked ? view.AvailableAt(asked, now) : null, view.FrozenBecause);
}
