using System.Text.Json.Serialization;

namespace SignerCluster.Journal.Policies;

/// <summary>The spending policies of an operator as its file has them. A rule that is missing limits nothing.</summary>
/// <param name="Network"><c>mainnet</c>, <c>testnet</c>, <c>signet</c> or <c>regtest</c>: the one of all addresses in the file.</param>
/// <param name="Groups">By group id; <c>*</c> for all groups that are not named.</param>
internal sealed record PolicyDocument(int Version, string Network, IReadOnlyDictionary<string, GroupPolicyDocument> Groups);

/// <summary>The rules of one group. Scripts are addresses, or <c>script:HEX</c>; amounts are satoshis.</summary>
/// <param name="MaximumFeeRate">Satoshis a virtual byte.</param>
/// <param name="HashTypes">As Bitcoin Core names them, such as <c>ALL|ANYONECANPAY</c>.</param>
internal sealed record GroupPolicyDocument(
    IReadOnlyList<string>? Allow = null,
    IReadOnlyList<string>? Deny = null,
    IReadOnlyList<string>? Quarantine = null,
    int? MaximumOutputs = null,
    ulong? MaximumOutputSat = null,
    ulong? MaximumPaymentSat = null,
    ulong? MaximumDaySat = null,
    ulong? MaximumFeeRate = null,
    IReadOnlyList<string>? HashTypes = null,
    WindowDocument? Window = null,
    ApprovalsDocument? Approvals = null);

/// <summary>Times of the UTC day, <c>HH:MM</c>; the first is in the window, the second is not.</summary>
internal sealed record WindowDocument(string From, string To);

/// <param name="Approvers">Identity keys, 64 hex digits each.</param>
internal sealed record ApprovalsDocument(ulong AboveSat, int Needed, IReadOnlyList<string> Approvers);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PolicyDocument))]
internal sealed partial class PolicyJson : JsonSerializerContext;
