using System.Security.Cryptography;
using System.Text;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Conformance;

/// <summary>A covenant of a group with people who hold whole keys, each the hash of a name.</summary>
/// <param name="signer">The group's key.</param>
public sealed class TestCovenant(Bytes32 signer)
{
    public const uint Maturity = 900_000;

    /// <summary>What a registry says that allows the requests of this class.</summary>
    public ReserveRecord Reserve { get; } =
        new(7, [new GroupId(signer)], Depositors: null, [KeyOf("custodian").ToBytes()], Quoter: null, NeedsCertificate: false);

    public CovenantTerms Terms(CovenantKind kind) => new(
        kind,
        KeyOf("depositor").ToBytes(),
        signer,
        Maturity,
        1_008,
        kind == CovenantKind.QcV1 ? new CovenantCustodian(KeyOf("custodian").ToBytes(), 144) : null);

    /// <summary>An approved request that the signer finishes alone in <c>self_v1</c>, and hands to the custodian in <c>qc_v1</c>.</summary>
    public JobRequest Request(CovenantKind kind = CovenantKind.SelfV1, long paidSat = 900_000)
    {
        CovenantPayment payment = new(
            Hash("deposit").ToString(),
            1,
            1_000_000,
            CovenantBranch.Matured,
            Maturity,
            Batch.Of([new CovenantOutput(Taproot.ScriptPubKey(KeyOf("payee")), paidSat)]));
        CovenantTerms terms = Terms(kind);
        string[] people = kind == CovenantKind.QcV1 ? ["depositor", "custodian"] : ["depositor"];
        Bytes32 message = Approval.MessageOf(new GroupId(signer), SpendOf(terms, payment).Plan.Unsigned.Txid);
        return new JobRequest(
            1, "reserve-1", 7, terms, payment, Batch.Of(people.Select(person => new Approval(KeyOf(person), Sign(person, message)))));
    }

    public static CovenantSpend SpendOf(JobRequest request) => SpendOf(request.Terms, request.Payment);

    public static XOnlyPublicKey KeyOf(string person)
    {
        using SigningKey key = SecretOf(person);
        return key.Public;
    }

    public static Bytes64 Sign(string person, Bytes32 message)
    {
        using SigningKey key = SecretOf(person);
        return key.Sign(message.AsSpan(), Hash("auxiliary").AsSpan());
    }

    private static CovenantSpend SpendOf(CovenantTerms terms, CovenantPayment payment) =>
        payment.TryMakeSpend(terms, PaymentLimits.Default, out CovenantSpend? spend, out Refusal? refusal)
            ? spend
            : throw new InvalidOperationException(refusal.ToString());

    private static Bytes32 Hash(string text) => FixedBytes.From<Bytes32>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static SigningKey SecretOf(string person)
    {
        if (!SecretScalar.TryParse(Hash(person).AsSpan(), out SecretScalar? secret))
        {
            throw new InvalidOperationException($"The hash of {person} is no secret key.");
        }

        using (secret)
        {
            return new SigningKey(secret);
        }
    }
}

/// <summary>A registry that says what it is told to say.</summary>
public sealed class TestRegistry : IRegistry
{
    private volatile RegistryFacts _facts = RegistryFacts.None;

    public RegistryFacts Ask(string reserve) => _facts;

    /// <summary>Allows the requests of a covenant, at this height.</summary>
    public void Allow(TestCovenant covenant, uint height = 850_000, bool needsCertificate = false) => _facts = new RegistryFacts(
        new Reading<ReserveRecord>.Available(covenant.Reserve with { NeedsCertificate = needsCertificate }), new Reading<uint>.Available(height));

    public void GoOut() => _facts = new RegistryFacts(
        new Reading<ReserveRecord>.Unavailable("registry_missing", DateTimeOffset.UnixEpoch),
        new Reading<uint>.Unavailable("registry_missing", DateTimeOffset.UnixEpoch));
}
