using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SignerCluster.Host.Http;
using SignerCluster.Host.Verbs.Demo;
using SignerCluster.Host.Verbs.Operators;

namespace SignerCluster.Host.Verbs;

/// <summary>What a verb prints under <c>--json</c> when it fails.</summary>
internal sealed record ErrorDocument(ErrorContent Error);

internal sealed record ErrorContent(string Code, string Class, string Message, IReadOnlyDictionary<string, string>? Evidence);

/// <summary>A new group. Keys are x-only hex.</summary>
internal sealed record KeygenDocument(string Group, string OutputKey, string Address, int Threshold, int Participants);

/// <summary>A finished request. The first message's fields stand on top; <see cref="Inputs"/> has all of them when there is more than one.</summary>
internal sealed record SignDocument(
    string Session,
    string Group,
    string OutputKey,
    string Message,
    string Signature,
    int Attempts,
    double ElapsedMs,
    IReadOnlyList<SignedInputDocument>? Inputs,
    string? Psbt,
    string? Transaction)
{
    /// <summary>What was signed, where it is a PSBT.</summary>
    public PaymentDocument? Payment { get; init; }

    /// <summary>The record of the group's guardian, where it is a withdrawal.</summary>
    public WithdrawalResponse? Withdrawal { get; init; }

    /// <summary>The record, its proof and the signatures, signed by the session key of the signer that was asked.</summary>
    public JsonObject? Envelope { get; init; }

    /// <summary>The file that the signed PSBT was written to.</summary>
    public string? Out { get; init; }

    /// <summary>What was proved; shown by <c>prove</c>.</summary>
    [JsonIgnore]
    internal ProofResponse? Proof { get; init; }

    /// <summary>Every message, also when there is only one.</summary>
    [JsonIgnore]
    internal IReadOnlyList<SignedInputDocument> AllInputs => Inputs ?? [new SignedInputDocument(Session, null, OutputKey, Message, Signature, Attempts)];

    internal static SignDocument Of(
        string session, string group, IReadOnlyList<SignedInputDocument> inputs, TimeSpan elapsed, string? psbt, string? transaction) => new(
        session,
        group,
        inputs[0].OutputKey,
        inputs[0].Message,
        inputs[0].Signature,
        inputs[0].Attempts,
        Math.Round(elapsed.TotalMilliseconds, 1),
        inputs.Count > 1 ? inputs : null,
        psbt,
        transaction);
}

/// <summary>A proof that an address of the group signed a text.</summary>
/// <param name="Path">Of the address below the group's key.</param>
/// <param name="Format">simple or full.</param>
/// <param name="Proof">With the prefix of its format (BIP-322).</param>
internal sealed record ProofDocument(
    string Session,
    string Group,
    string Path,
    string Address,
    string Message,
    string Format,
    string Proof,
    string OutputKey,
    string Signature,
    int Attempts,
    double ElapsedMs);

/// <summary>One message of a request; <see cref="Input"/> is null for a bare one.</summary>
internal sealed record SignedInputDocument(string Session, int? Input, string OutputKey, string Message, string Signature, int Attempts);

/// <summary>Sessions, oldest first within a group. What is shown of one session or group is what the HTTP API shows.</summary>
internal sealed record SessionListDocument(IReadOnlyList<SessionLine> Sessions);

/// <summary>One session of a list; <see cref="State"/> is <c>unreadable</c> when its history cannot be read.</summary>
internal sealed record SessionLine(string Session, string Group, string State, string? Message, string? Signature);

/// <summary>All nodes moved to another provider of the key-encryption key.</summary>
/// <param name="Provider">The kind: file, env or command.</param>
internal sealed record RewrapDocument(string Provider, IReadOnlyList<RewrappedNode> Nodes);

/// <summary>One node and the ids of its key-encryption keys, which are not secret; <see cref="From"/> is null when nothing was sealed yet.</summary>
internal sealed record RewrappedNode(string Node, string? From, string To);

/// <summary>A configuration that a node may start with.</summary>
internal sealed record ConfigCheckDocument(string Node, IReadOnlyList<string> Roles);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(VerifiedEnvelope))]
[JsonSerializable(typeof(VerifiedStatements))]
[JsonSerializable(typeof(InstalledDocument))]
[JsonSerializable(typeof(MigratedDocument))]
[JsonSerializable(typeof(KeygenDocument))]
[JsonSerializable(typeof(SignDocument))]
[JsonSerializable(typeof(ApprovalDocument))]
[JsonSerializable(typeof(PolicyCheckDocument))]
[JsonSerializable(typeof(ProofDocument))]
[JsonSerializable(typeof(SessionListDocument))]
[JsonSerializable(typeof(SessionResponse))]
[JsonSerializable(typeof(GuardianResponse))]
[JsonSerializable(typeof(CapacityResponse))]
[JsonSerializable(typeof(WithdrawalResponse))]
[JsonSerializable(typeof(WithdrawalListResponse))]
[JsonSerializable(typeof(GroupListResponse))]
[JsonSerializable(typeof(GroupAddressDocument))]
[JsonSerializable(typeof(KeyListResponse))]
[JsonSerializable(typeof(RotationListResponse))]
[JsonSerializable(typeof(RewrapDocument))]
[JsonSerializable(typeof(QuarantineListDocument))]
[JsonSerializable(typeof(JournalVerifyDocument))]
[JsonSerializable(typeof(JournalImportDocument))]
[JsonSerializable(typeof(CheckpointDocument))]
[JsonSerializable(typeof(DemoDocument))]
[JsonSerializable(typeof(ConfigCheckDocument))]
[JsonSerializable(typeof(SignedRegistryDocument))]
[JsonSerializable(typeof(VerifiedRegistry))]
[JsonSerializable(typeof(AbandonedResponse))]
[JsonSerializable(typeof(SignerCertificateResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    /// <summary>As the default, but base64 and sentences stay as they are: nothing here goes into HTML.</summary>
    internal static ResultJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
