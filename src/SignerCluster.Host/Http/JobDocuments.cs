using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Http;

/// <summary>Where a covenant job stands.</summary>
/// <param name="RequestId">The party's id of the job, for polls.</param>
/// <param name="Digest">SHA-256 of the request as canonical JSON.</param>
/// <param name="Status">pending, ready or failed.</param>
/// <param name="Txid">Of the transaction, also before it is signed.</param>
internal sealed record JobResponse(string Route, string RouteRequestId, string RequestId, string Digest, string Status, string Txid)
{
    /// <summary>Ready for the network, where the group signs alone.</summary>
    public string? Transaction { get; init; }

    /// <summary>What others need to finish it, where the group does not sign alone.</summary>
    public HandoffResponse? Handoff { get; init; }

    /// <summary>Why it failed.</summary>
    public JobReasonResponse? Reason { get; init; }

    internal static JobResponse Of(JobAddress job, JobRequest request, JobReply reply)
    {
        CovenantSpend spend = request.Payment.TryMakeSpend(request.Terms, PaymentLimits.None, out CovenantSpend? made, out Refusal? refusal)
            ? made
            : throw new InvalidOperationException($"A job of this request was accepted, and the request is none: {refusal}");
        JobResponse response = new(
            job.Route.ToName(),
            job.Id.ToString(),
            job.RequestId,
            request.DigestFor(job).ToString(),
            reply switch { JobReply.Ready => "ready", JobReply.Failed => "failed", _ => "pending" },
            spend.Plan.Unsigned.Txid.ToString());
        return reply switch
        {
            JobReply.Ready ready when spend.NeedsOthers => response with { Handoff = HandoffResponse.Of(spend, ready.Signature) },
            JobReply.Ready ready => response with { Transaction = Finish(spend, ready.Signature) },
            JobReply.Failed { Reason: var reason } => response with { Reason = JobReasonResponse.Of(reason) },
            _ => response,
        };
    }

    private static string Finish(CovenantSpend spend, Bytes64 signature) =>
        spend.TryFinish(signature, out Transaction? finished, out BitcoinRefusal? refusal)
            ? Convert.ToHexStringLower(finished.ToBytes())
            : throw new InvalidOperationException($"The group's own signature does not finish the transaction: {refusal}");
}

/// <summary>A transaction that the group has signed and that others finish.</summary>
/// <param name="Kind">self_v1 or qc_v1.</param>
/// <param name="UnsignedTransaction">Without its witness, hex.</param>
/// <param name="AmountSat">What the covenant has.</param>
/// <param name="ScriptPubKey">Of the covenant, hex.</param>
/// <param name="LeafScript">The tapscript; the witness has it after the signatures, hex.</param>
/// <param name="ControlBlock">The last item of the witness, hex.</param>
/// <param name="Sighash">What every key signs (BIP-0342, SIGHASH_DEFAULT).</param>
/// <param name="Stack">The first items of the witness, bottom first; those without a signature are the others' to give.</param>
internal sealed record HandoffResponse(
    string Kind,
    string Branch,
    string Txid,
    string UnsignedTransaction,
    long AmountSat,
    string ScriptPubKey,
    string LeafScript,
    string ControlBlock,
    string Sighash,
    IReadOnlyList<PlaceResponse> Stack)
{
    /// <summary>SHA-256 of all other members as canonical JSON (RFC 8785).</summary>
    public string? PayloadHash { get; init; }

    internal static HandoffResponse Of(CovenantSpend spend, Bytes64 signature)
    {
        if (!spend.TryHandOff(signature, out CovenantHandoff? handoff, out BitcoinRefusal? refusal))
        {
            throw new InvalidOperationException($"The group's own signature cannot be handed on: {refusal}");
        }

        HandoffResponse response = new(
            handoff.Kind.ToName(),
            JsonNamingPolicy.SnakeCaseLower.ConvertName(handoff.Branch.ToString()),
            handoff.Txid.ToString(),
            Convert.ToHexStringLower(handoff.Unsigned.ToBytes()),
            handoff.Prevout.AmountSat,
            handoff.Prevout.ScriptPubKey.ToString(),
            handoff.Leaf.Script.ToString(),
            Convert.ToHexStringLower(handoff.Leaf.ControlBlock),
            handoff.Sighash.ToString(),
            [.. handoff.Stack.Select(static place => new PlaceResponse(
                place.Key.Role.ToString().ToLowerInvariant(), place.Key.Key.ToString(), place.Signature?.ToString()))]);
        byte[] payload = CanonicalJson.Of(JsonSerializer.SerializeToUtf8Bytes(response, HttpJson.Default.HandoffResponse));
        return response with { PayloadHash = Convert.ToHexStringLower(SHA256.HashData(payload)) };
    }
}

/// <summary>A job that an operator has given up.</summary>
/// <param name="Status">abandoned.</param>
/// <param name="Key">Whoever decided, 64 hex digits.</param>
/// <param name="At">Unix seconds, by the operator's clock.</param>
internal sealed record AbandonedResponse(string Route, string RouteRequestId, string RequestId, string Status, string Reason, string Key, ulong At)
{
    internal static AbandonedResponse Of(JobAddress job, JobDecision decision) => new(
        decision.Route, decision.RouteRequestId, job.RequestId, "abandoned", decision.Reason, decision.Key.ToString(), decision.At);
}

/// <summary>Asks for the signers' certificate of one transaction.</summary>
/// <param name="Group">64 hex digits.</param>
/// <param name="Txid">Of the transaction that spends the covenant, as explorers show it.</param>
/// <param name="EndBlock">The last height at which the certificate is good.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SignerCertificateRequest(string Group, string Txid, uint EndBlock);

/// <summary>The signers' certificate of one transaction; a job's request takes <c>endBlock</c> and <c>proof</c>.</summary>
/// <param name="Proof">BIP-322, simple; left out while the group has not signed yet.</param>
internal sealed record SignerCertificateResponse(string Group, string Txid, uint EndBlock, string? Proof);

/// <summary>A place in a witness.</summary>
/// <param name="Role">depositor, custodian or signer.</param>
/// <param name="Key">The x-only key that signs there.</param>
internal sealed record PlaceResponse(string Role, string Key, string? Signature);

/// <summary>Why a job failed.</summary>
internal sealed record JobReasonResponse(string Code, string Class, string Message, IReadOnlyDictionary<string, string> Evidence)
{
    internal static JobReasonResponse Of(Refusal reason) => new(reason.Code, Problem.ClassName(reason.Class), reason.Message, reason.Evidence);
}
