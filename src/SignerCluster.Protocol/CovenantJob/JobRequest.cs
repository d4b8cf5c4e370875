using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>What an orchestrator asks for.</summary>
/// <param name="Version">1.</param>
/// <param name="Reserve">The name that the registry knows the reserve by.</param>
/// <param name="Epoch">Of the reserve; the registry's at the moment of the submit.</param>
/// <param name="Approvals">The depositor's, and in <c>qc_v1</c> the custodian's, under their keys of the covenant, for the txid.</param>
/// <param name="Certificate">Null where the registry asks for none.</param>
/// <param name="Quote">Null where the registry names nobody who quotes.</param>
public sealed record JobRequest(
    int Version,
    string Reserve,
    ulong Epoch,
    CovenantTerms Terms,
    CovenantPayment Payment,
    [property: JsonConverter(typeof(ArrayConverter<Approval>))] Batch<Approval> Approvals,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SignerCertificate? Certificate = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlanQuote? Quote = null)
{
    private static readonly TaggedHash _quote = new("SignerCluster/covenant-quote/v1");

    /// <summary>The group is the signer of the covenant.</summary>
    [JsonIgnore]
    public GroupId Group => new(Terms.Signer);

    /// <summary>
    /// SHA-256 of the request with its address as canonical JSON (RFC 8785): the same for every order of members and every spelling of numbers and hex (C4).
    /// </summary>
    public Bytes32 DigestFor(JobAddress address) => FixedBytes.From<Bytes32>(SHA256.HashData(CanonicalJson.Of(
        JsonSerializer.SerializeToUtf8Bytes(new AddressedRequest(address.Route.ToName(), address.Id.ToString(), this), WireJson.Default.AddressedRequest))));

    /// <summary>The 32 bytes that the reserve's quoter signs: all but approvals and certificate, which come later, and between which times it is good.</summary>
    public Bytes32 QuoteMessageFor(JobAddress address, ulong issuedAt, ulong expiresAt)
    {
        JobRequest quoted = this with { Approvals = new Approval(default(Bytes96)), Certificate = null, Quote = null };
        return new FramedHash(_quote).Add(quoted.DigestFor(address)).Add(issuedAt).Add(expiresAt).Finish();
    }

    /// <summary>What the group's session signs. Refuses what <see cref="CovenantPayment.TryMakeSpend"/> refuses.</summary>
    internal bool TryMakeSigning(PaymentLimits limits, [NotNullWhen(true)] out SigningRequest? signing, [NotNullWhen(false)] out Refusal? refusal)
    {
        signing = Payment.TryMakeSpend(Terms, limits, out CovenantSpend? spend, out refusal)
            ? new SigningRequest(Group, spend.Sighash, TweakList.None, new PolicyArtefact.CovenantPath(Terms, Payment, Approvals))
            : null;
        return signing is not null;
    }
}

/// <summary>A request as it is sent to a route.</summary>
/// <param name="RequestId">In a poll, what the submit was answered with; null where it is not said.</param>
public sealed record JobSubmission(
    string RouteRequestId, JobRequest Request, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RequestId = null);

/// <summary>A request with where it was sent, as its digest counts it.</summary>
public sealed record AddressedRequest(string Route, string RouteRequestId, JobRequest Request);

/// <summary>How the covenant is spent.</summary>
/// <param name="Txid">Of the output that is spent, as explorers show it.</param>
/// <param name="AmountSat">What that output has.</param>
/// <param name="LockHeight">The lock time; 0 where the branch needs none.</param>
public sealed record CovenantPayment(string Txid, uint Vout, long AmountSat, CovenantBranch Branch, uint LockHeight, Batch<CovenantOutput> Outputs)
{
    /// <summary>The transaction and what signs it. Refuses whatever covenant, plan or branch would be refused for, and a txid that is none.</summary>
    public bool TryMakeSpend(
        CovenantTerms terms, PaymentLimits limits, [NotNullWhen(true)] out CovenantSpend? spend, [NotNullWhen(false)] out Refusal? refusal)
    {
        spend = null;
        refusal = Bitcoin.Transactions.Txid.TryParse(Txid, out Txid spent) && spent.ToString() == Txid ? null : JobRefusals.TxidInvalid;
        if (refusal is not null)
        {
            return false;
        }

        bool isMade = CovenantTemplate.TryCreate(terms, out CovenantTemplate? template, out BitcoinRefusal? broken)
            && CovenantPlan.TryCreate(
                new OutPoint(spent, Vout),
                AmountSat,
                [.. Outputs.Select(static output => (output.Script, output.AmountSat))],
                LockHeight,
                out CovenantPlan? plan,
                out broken)
            && CovenantSpend.TryCreate(template, plan, Branch, limits, out spend, out broken);
        refusal = isMade ? null : Refusal.Terminal(broken!.Code, broken.Message);
        return isMade;
    }
}

/// <summary>An output of the spending transaction.</summary>
public sealed record CovenantOutput(Script Script, long AmountSat);

/// <summary>The signers' own yes to one transaction, good up to a block: a proof (BIP-0322) that the group signed <see cref="TextOf"/>.</summary>
/// <param name="EndBlock">The last height at which it is good.</param>
/// <param name="Proof">For the address of the group's key itself, without a path.</param>
public sealed record SignerCertificate(uint EndBlock, string Proof)
{
    private static readonly TaggedHash _session = new("SignerCluster/covenant-certificate-session/v1");

    /// <summary>The id of the session that signs it. It follows from what is signed, so that asking again joins the same signing.</summary>
    public static SessionId SessionOf(GroupId group, Txid txid, uint endBlock)
    {
        Bytes32 hash = new FramedHash(_session).Add(group.X).Add(txid.ToString()).Add((ulong)endBlock).Finish();
        return SessionId.Parse($"{SessionId.ReservedPrefix}certificate.{hash.ToString()[..48]}");
    }

    /// <summary>What the group signs.</summary>
    public static string TextOf(GroupId group, Txid txid, uint endBlock) =>
        $"SignerCluster signer approval certificate v1\ngroup {group}\ntxid {txid}\nend block {endBlock}";

    /// <summary>Did the group sign it for this transaction?</summary>
    internal bool IsFor(XOnlyPublicKey group, Txid txid) => MessageProof.TryVerify(
        Taproot.ScriptPubKey(Taproot.OutputKey(group, null)), TextOf(new GroupId(group), txid, EndBlock), Proof, out _, out _);
}

/// <summary>The price that the reserve's quoter has given: a BIP-340 signature over <see cref="JobRequest.QuoteMessageFor"/>.</summary>
/// <param name="IssuedAt">Unix seconds.</param>
/// <param name="ExpiresAt">Unix seconds; the first at which it is not good any more.</param>
public sealed record PlanQuote(ulong IssuedAt, ulong ExpiresAt, Bytes64 Signature);
