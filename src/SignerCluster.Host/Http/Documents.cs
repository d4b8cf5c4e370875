using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Http;

// Every body of the API. Hex is lower-case. Fields are added, never renamed; a field without a value is left out.

/// <summary>What to sign, under the caller's idempotency key. Exactly one of message, psbt and proof.</summary>
/// <param name="SessionId">1..64 characters of a-z 0-9 . _ -, starting with a letter or digit.</param>
/// <param name="Message">32 bytes as 64 hex digits.</param>
/// <param name="Psbt">A PSBT of version 0 or 2, base64.</param>
/// <param name="Approvals">What approvers said to the PSBT, 192 hex digits each, as signer approve makes them; only where a policy asks for them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SessionRequest(
    string SessionId, string? Message = null, string? Psbt = null, IReadOnlyList<string>? Approvals = null, ProofBody? Proof = null);

/// <summary>A text that an address of the group is to sign (BIP-322). Such a signature can never spend.</summary>
/// <param name="Message">Any text of at most 16384 bytes in UTF-8.</param>
/// <param name="Path">Of the address below the group's key, such as m/0/5; where it is left out, m: the group's own.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ProofBody(string Message, string? Path = null);

/// <summary>Where a session stands.</summary>
/// <param name="State">running, completed or failed.</param>
/// <param name="Message">The 32 bytes that this session signs; of a PSBT with many inputs those of the first, and all are in messages.</param>
/// <param name="OutputKey">The x-only key that the signature verifies under; once completed.</param>
/// <param name="Signature">64 bytes (BIP-340); once completed.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="Messages">Every message, one for each input of a PSBT that waits for the group; of a bare message in answers to POST only.</param>
/// <param name="Psbt">The PSBT with its signatures, base64; in answers to POST once all are there.</param>
/// <param name="Transaction">The transaction, hex; in answers to POST once all its inputs are final.</param>
/// <param name="Proof">Of a text that an address signs.</param>
/// <param name="Step">What it waits for, while it runs.</param>
internal sealed record SessionResponse(
    string SessionId,
    string Group,
    string State,
    string Message,
    string? OutputKey,
    string? Signature,
    IReadOnlyList<AttemptResponse> Attempts,
    IReadOnlyList<CulpritResponse> Culprits,
    IReadOnlyList<DeclinedResponse> Declined,
    FailureResponse? Failure,
    IReadOnlyList<MessageResponse>? Messages = null,
    string? Psbt = null,
    string? Transaction = null,
    ProofResponse? Proof = null,
    StepResponse? Step = null);

/// <summary>What a running session waits for, of the attempt that has come furthest; each seat answers for all messages at once.</summary>
/// <param name="Name">commitments or shares.</param>
/// <param name="Seats">From how many seats they are there.</param>
/// <param name="Needed">From how many they must be.</param>
/// <param name="Messages">How many messages are signed together.</param>
internal sealed record StepResponse(string Name, int Seats, int Needed, int Messages);

/// <summary>The text that an address of the group signs, and once completed the proofs, which were verified by the rules of BIP-322.</summary>
/// <param name="Path">Of the address below the group's key.</param>
/// <param name="Addresses">Any of them is proved: a proof says nothing of networks.</param>
/// <param name="Simple">The simple proof.</param>
/// <param name="Full">The full proof.</param>
internal sealed record ProofResponse(string Message, string Path, AddressesResponse Addresses, string? Simple, string? Full)
{
    internal static ProofResponse Of(GroupId group, PolicyArtefact.MessageProof artefact, Bytes64? signature)
    {
        if (!ProofRequest.TryCreate(XOnlyPublicKey.Parse(group.X.AsSpan()), artefact.Path, artefact.Text, out ProofRequest? request, out _))
        {
            throw new InvalidOperationException("A session was opened for a text that is refused.");
        }

        SignedProof? proof = signature is { } known ? request.Complete(known) : null;
        return new ProofResponse(artefact.Text, artefact.Path.ToString(), AddressesResponse.Of(request.OutputKey), proof?.Simple, proof?.Full);
    }
}

/// <summary>One attempt of the session's transcript.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Reason">Why it was proposed: first, package_issued or seat_withdrew.</param>
/// <param name="State">collecting, live, dead, aggregated or superseded.</param>
/// <param name="Included">The seats that it may draw its signers from.</param>
/// <param name="Signers">The t seats of its package; empty while it has none.</param>
/// <param name="Shares">The seats whose shares were accepted.</param>
internal sealed record AttemptResponse(
    int Number, string Id, string Reason, string State, IReadOnlyList<int> Included, IReadOnlyList<int> Signers, IReadOnlyList<int> Shares);

/// <summary>A seat proved to have sent a bad share.</summary>
/// <param name="Evidence">The blame certificate; with the group's public data anyone can verify it offline.</param>
internal sealed record CulpritResponse(int Seat, JsonElement Evidence);

/// <summary>A seat that will not sign the session, without blame.</summary>
/// <param name="Code">Why, as it says itself.</param>
internal sealed record DeclinedResponse(int Seat, string Code);

/// <summary>Why a session ended without a signature.</summary>
/// <param name="Class">recoverable or terminal.</param>
internal sealed record FailureResponse(string Code, string Class, string Message, IReadOnlyDictionary<string, string>? Evidence)
{
    internal Refusal ToRefusal() => new(
        Code,
        Class == Problem.ClassName(RefusalClass.Recoverable) ? RefusalClass.Recoverable : RefusalClass.Terminal,
        Message,
        Evidence ?? new Dictionary<string, string>(StringComparer.Ordinal));
}

/// <summary>One message of a request.</summary>
/// <param name="SessionId">The session that signs it.</param>
/// <param name="Input">The PSBT input whose sighash it is; left out for a bare message.</param>
/// <param name="OutputKey">The x-only key that the signature verifies under; in answers to GET once completed.</param>
/// <param name="Attempts">Attempts that got their signers.</param>
internal sealed record MessageResponse(string SessionId, int? Input, string Message, string? OutputKey, int Attempts, string? Signature);

/// <summary>A page of a group's sessions, newest last.</summary>
/// <param name="Next">Where the next page starts: the value for after; left out on the last page.</param>
internal sealed record SessionListResponse(IReadOnlyList<SessionSummary> Sessions, string? Next);

/// <summary>One session of a list.</summary>
/// <param name="State">running, completed, failed, or unreadable when its history cannot be read.</param>
internal sealed record SessionSummary(string SessionId, string State, string? Message, string? Signature);

/// <summary>The groups that this cluster knows.</summary>
internal sealed record GroupListResponse(IReadOnlyList<GroupResponse> Groups);

/// <summary>A group's public data.</summary>
/// <param name="Group">Its id: the x-only group key.</param>
/// <param name="GroupKey">The untweaked group key, 33 bytes.</param>
/// <param name="OutputKey">The x-only taproot output key without scripts, under which bare messages and plain key-path inputs verify.</param>
/// <param name="PublicShares">By seat, 33 bytes each.</param>
/// <param name="Lifecycle">active, rekey_required or retired.</param>
/// <param name="Quarantined">Seats that the operator refuses to sign with.</param>
/// <param name="Descriptor">Of the one address, with its checksum, as Bitcoin Core's importdescriptors takes it for a watch-only wallet.</param>
/// <param name="Wallet">For derived addresses.</param>
internal sealed record GroupResponse(
    string Group,
    string GroupKey,
    string OutputKey,
    AddressesResponse Addresses,
    int Threshold,
    int Participants,
    string Lifecycle,
    IReadOnlyList<string> PublicShares,
    IReadOnlyList<int> Quarantined,
    string Descriptor,
    WalletResponse? Wallet = null);

/// <summary>The taproot address of an output key on each network.</summary>
internal sealed record AddressesResponse(string Mainnet, string Testnet, string Regtest)
{
    internal static AddressesResponse Of(XOnlyPublicKey outputKey) => new(
        SegwitAddress.PayToTaproot(Network.Mainnet, outputKey),
        SegwitAddress.PayToTaproot(Network.Testnet, outputKey),
        SegwitAddress.PayToTaproot(Network.Regtest, outputKey));

    internal string Of(Network network) => network switch
    {
        Network.Mainnet => Mainnet,
        Network.Testnet => Testnet,
        _ => Regtest,
    };
}

/// <summary>What a watch-only wallet needs to make the group's derived addresses, m/0/N for receiving and m/1/N for change.</summary>
/// <param name="Policy">The wallet policy (BIP-388) of the one key.</param>
/// <param name="Testnet">For every network that is not mainnet.</param>
internal sealed record WalletResponse(string Policy, WalletKeyResponse Mainnet, WalletKeyResponse Testnet);

/// <summary>The group's key for derivation, as one kind of network writes it.</summary>
/// <param name="Key">The extended key, depth 0, with its origin.</param>
/// <param name="Descriptor">Of all addresses (BIP-389), with its checksum, as Bitcoin Core's importdescriptors takes it.</param>
internal sealed record WalletKeyResponse(string Key, string Descriptor)
{
    internal static WalletKeyResponse Of(GroupAccount account, Network network) => new(account.KeyInformation(network), account.Descriptor(network));
}

/// <summary>The process serves.</summary>
internal sealed record HealthResponse(string Status);

/// <summary>The cluster can sign.</summary>
/// <param name="Quarantined">Entities met so far whose histories cannot be trusted; everything else goes on without them.</param>
internal sealed record ReadinessResponse(string Status, string Journal, ReachableResponse? Participants, int Quarantined)
{
    /// <summary>This node's links to other parties; missing where they are in memory.</summary>
    public LinkCountResponse? Links { get; init; }

    /// <summary>What will keep this node from its work if nobody acts, such as a certificate that ends soon; missing where there is nothing.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>Participants that could not be started, each with the reason; missing where there are none.</summary>
    public IReadOnlyList<string>? Damaged { get; init; }
}

/// <summary>How many participants answered just now.</summary>
internal sealed record ReachableResponse(int Reachable, int Total);

/// <summary>Links that are up, and all that there are.</summary>
internal sealed record LinkCountResponse(int Up, int Total);

/// <summary>An error (RFC 9457).</summary>
/// <param name="Code">Stable snake_case name of what is wrong.</param>
/// <param name="Class">recoverable: the same or another request may succeed; terminal: this request never will.</param>
/// <param name="Evidence">What was expected and what was found.</param>
internal sealed record ProblemResponse(
    string Type, string Title, int Status, string Detail, string Code, string Class, IReadOnlyDictionary<string, string>? Evidence);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(SessionResponse))]
[JsonSerializable(typeof(SessionListResponse))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(WithdrawalRequest))]
[JsonSerializable(typeof(WithdrawalResponse))]
[JsonSerializable(typeof(WithdrawalListResponse))]
[JsonSerializable(typeof(GuardianRulesDocument))]
[JsonSerializable(typeof(ReasonRequest))]
[JsonSerializable(typeof(GuardianResponse))]
[JsonSerializable(typeof(CapacityResponse))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(HandoffResponse))]
[JsonSerializable(typeof(AbandonedResponse))]
[JsonSerializable(typeof(SignerCertificateRequest))]
[JsonSerializable(typeof(SignerCertificateResponse))]
[JsonSerializable(typeof(GroupListResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(ReadinessResponse))]
[JsonSerializable(typeof(ProblemResponse))]
[JsonSerializable(typeof(ClusterResponse))]
[JsonSerializable(typeof(KeyListResponse))]
[JsonSerializable(typeof(RotationRequest))]
[JsonSerializable(typeof(RotationListResponse))]
[JsonSerializable(typeof(QuarantineListResponse))]
[JsonSerializable(typeof(string))]
internal sealed partial class HttpJson : JsonSerializerContext;
