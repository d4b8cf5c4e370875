using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Embedded;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>A covenant of the group with a depositor: a signed registry allows the job, the depositor approves it, the group spends by the script path.</summary>
/// <param name="add">Takes a line of the table.</param>
internal sealed class DemoCovenant(GroupId group, Action<string, string, Bytes64> add) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly SampleCovenant _covenant = new(group);

    internal RegistrySettings MakeRegistry(string data, TimeProvider clock) => _covenant.MakeRegistry(data, clock);

    internal async Task SpendAsync(EmbeddedCluster cluster, CancellationToken cancellation)
    {
        JobAddress job = new(CovenantKind.SelfV1, RouteRequestId.Parse("demo-spend"));
        JobRequest request = _covenant.MakeRequest(0);
        JobReply reply = await AskAsync(cluster, job, request, cancellation);
        Bytes64 signature = (reply as JobReply.Ready)?.Signature ?? throw new VerificationException($"The covenant was not signed: {reply}");

        // Finishing runs NBitcoin's interpreter with the rules of the network.
        CovenantSpend spend = SampleCovenant.SpendOf(request);
        bool isFinished = spend.TryFinish(signature, out Transaction? finished, out BitcoinRefusal? refusal);
        DemoRun.Require(isFinished && spend.TryVerify(finished!, out refusal), $"The covenant's transaction is refused: {refusal}");
        add("covenant", "spent by its script path after the maturity, approved by the depositor; NBitcoin's interpreter takes it", signature);

        JobReply again = await AskAsync(cluster, job, request, cancellation);
        DemoRun.Require(again == reply, $"The same request got another answer: {again}");
    }

    public void Dispose() => _covenant.Dispose();

    private static async Task<JobReply> AskAsync(EmbeddedCluster cluster, JobAddress job, JobRequest request, CancellationToken cancellation)
    {
        JobAnswer answer = await cluster.Jobs!.AskAsync(job, new JobCommand.Submit(request), _patience, cancellation);
        return (answer as JobAnswer.Granted)?.Reply ?? throw new VerificationException($"The covenant job was not accepted: {answer}");
    }
}
