using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Embedded;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>A covenant of the group with a depositor: a signed registry allows the job, the depositor approves it, the group spends by the script path.</summary>
/// <param name="add">Takes a line of the table.</param>
internal sealed class DemoCovenant(GroupId group, string data, TimeProvider clock, Action<string, string, Bytes64> add)
{
    private const string Reserve = "demo";
    private const uint Maturity = 900_000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Writes the registry of one reserve, signed with the identity of the data directory.</summary>
    internal RegistrySettings MakeRegistry()
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
        string path = Path.Combine(data, "demo-registry.json");
        File.WriteAllBytes(path, SignedRegistry.Sign(System.Text.Encoding.UTF8.GetBytes(draft.ToJsonString()), key, Wiring.Entropy));
        return new RegistrySettings(path, key.Public, RegistryNetwork.Mainnet);
    }

    internal async Task SpendAsync(EmbeddedCluster cluster, CancellationToken cancellation)
    {
        JobAddress job = new(CovenantKind.SelfV1, RouteRequestId.Parse("demo-spend"));
        JobRequest request = MakeRequest();
        JobReply reply = await AskAsync(cluster, job, request, cancellation);
        Bytes64 signature = (reply as JobReply.Ready)?.Signature ?? throw new VerificationException($"The covenant was not signed: {reply}");

        // Finishing runs NBitcoin's interpreter with the rules of the network.
        CovenantSpend spend = SpendOf(request);
        bool isFinished = spend.TryFinish(signature, out Transaction? finished, out BitcoinRefusal? refusal);
        DemoRun.Require(isFinished && spend.TryVerify(finished!, out refusal), $"The covenant's transaction is refused: {refusal}");
        add("covenant", "spent by its script path after the maturity, approved by the depositor; NBitcoin's interpreter takes it", signature);

        JobReply again = await AskAsync(cluster, job, request, cancellation);
        DemoRun.Require(again == reply, $"The same request got another answer: {again}");
    }

    private static async Task<JobReply> AskAsync(EmbeddedCluster cluster, JobAddress job, JobRequest request, CancellationToken cancellation)
    {
        JobAnswer answer = await cluster.Jobs!.AskAsync(job, new JobCommand.Submit(request), _patience, cancellation);
        return (answer as JobAnswer.Granted)?.Reply ?? throw new VerificationException($"The covenant job was not accepted: {answer}");
    }

    private JobRequest MakeRequest()
    {
        using SigningKey depositor = NewKey();
        CovenantTerms terms = new(CovenantKind.SelfV1, depositor.Public.ToBytes(), Custodian: null, group.X, Maturity, 1_008);
        using SigningKey payee = NewKey();
        CovenantPayment payment = new(
            new Txid(Random32()).ToString(),
            0,
            1_000_000,
            CovenantBranch.Matured,
            Maturity,
            Batch.Of([new CovenantOutput(Taproot.ScriptPubKey(payee.Public), 990_000)]));
        Txid txid = SpendOf(terms, payment).Plan.Unsigned.Txid;
        Approval approval = new(depositor.Public, depositor.Sign(Approval.MessageOf(group, txid).AsSpan(), Random32().AsSpan()));
        return new JobRequest(1, Reserve, 1, terms, payment, approval);
    }

    private static CovenantSpend SpendOf(JobRequest request) => SpendOf(request.Terms, request.Payment);

    private static CovenantSpend SpendOf(CovenantTerms terms, CovenantPayment payment) =>
        payment.TryMakeSpend(terms, PaymentLimits.Default, out CovenantSpend? spend, out Refusal? refusal)
            ? spend
            : throw new VerificationException($"The demonstration's own covenant is refused: {refusal}");

    private static SigningKey NewKey()
    {
        DemoRun.Require(SecretScalar.TryParse(Random32().AsSpan(), out SecretScalar? secret), "32 random bytes are no secret key.");
        using (secret)
        {
            return new SigningKey(secret!);
        }
    }

    private static Bytes32 Random32()
    {
        Span<byte> bytes = stackalloc byte[32];
        Wiring.Entropy(bytes);
        return FixedBytes.From<Bytes32>(bytes);
    }
}
