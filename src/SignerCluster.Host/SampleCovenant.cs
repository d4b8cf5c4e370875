using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host;

/// <summary>A covenant of a group with a depositor made up for it, for demonstrations and measurements. No coins lie under it.</summary>
internal sealed class SampleCovenant(GroupId group) : IDisposable
{
    private const string Reserve = "sample";
    private const uint Maturity = 900_000;
    private const long Brought = 1_000_000;
    private readonly SigningKey _depositor = NewKey();

    /// <summary>Writes the registry of one reserve into a data directory, signed with the directory's own identity.</summary>
    internal RegistrySettings MakeRegistry(string data, TimeProvider clock)
    {
        JsonObject draft = new()
        {
            ["version"] = 1,
            ["asOf"] = clock.GetUtcNow().ToUnixTimeSeconds(),
            ["network"] = "mainnet",
            ["height"] = Maturity,
            ["reserves"] = new JsonObject
            {
                [Reserve] = new JsonObject
                {
                    ["epoch"] = 1,
                    ["groups"] = new JsonArray(group.ToString()),
                    ["custodians"] = new JsonArray(),
                    ["certificate"] = "none",
                },
            },
        };
        using IdentityKey key = Wiring.TakeIdentity(data);
        string path = Path.Combine(data, "sample-registry.json");
        File.WriteAllBytes(path, SignedRegistry.Sign(System.Text.Encoding.UTF8.GetBytes(draft.ToJsonString()), key, Wiring.Entropy));
        return new RegistrySettings(path, key.Public, RegistryNetwork.Mainnet);
    }

    /// <summary>
    /// An approved request of <c>self_v1</c> that the registry allows: the same for the same number, and for another one another transaction.
    /// </summary>
    internal JobRequest MakeRequest(int number)
    {
        CovenantTerms terms = new(CovenantKind.SelfV1, _depositor.Public.ToBytes(), group.X, Maturity, 1_008);
        CovenantPayment payment = new(
            new Txid(FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(number)))).ToString(),
            0,
            Brought,
            CovenantBranch.Matured,
            Maturity,
            Batch.Of([new CovenantOutput(Taproot.ScriptPubKey(_depositor.Public), Brought - 10_000)]));
        Bytes32 message = Approval.MessageOf(group, SpendOf(terms, payment).Plan.Unsigned.Txid);
        return new JobRequest(1, Reserve, 1, terms, payment, new Approval(_depositor.Public, _depositor.Sign(message.AsSpan(), message.AsSpan())));
    }

    internal static CovenantSpend SpendOf(JobRequest request) => SpendOf(request.Terms, request.Payment);

    public void Dispose() => _depositor.Dispose();

    private static CovenantSpend SpendOf(CovenantTerms terms, CovenantPayment payment) =>
        payment.TryMakeSpend(terms, PaymentLimits.Default, out CovenantSpend? spend, out Refusal? refusal)
            ? spend
            : throw new VerificationException($"The sample's own covenant is refused: {refusal}");

    private static SigningKey NewKey()
    {
        using SecretScalar secret = SecretScalar.TryParse(Random32().AsSpan(), out SecretScalar? drawn)
            ? drawn
            : throw new VerificationException("32 random bytes are no secret key.");
        return new SigningKey(secret);
    }

    private static Bytes32 Random32()
    {
        Span<byte> bytes = stackalloc byte[32];
        Wiring.Entropy(bytes);
        return FixedBytes.From<Bytes32>(bytes);
    }
}
