using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using SignerCluster.Host.Http;

namespace SignerCluster.Workbench.Cluster;

/// <summary>The process of one node of a development cluster.</summary>
internal sealed class NodeProcess(ClusterNode node)
{
    /// <summary>The variable by which a node's process is known, also when somebody else started it from the cluster's document.</summary>
    internal const string Mark = "SIGNER_CLUSTER_NODE";

    /// <summary>The variable by which all nodes of a cluster are known, also when its document is lost.</summary>
    internal const string ClusterMark = "SIGNER_CLUSTER";

    /// <summary>
    /// The runtime's variable for code that is compiled again by what a profile of it says. The program does without, because that pays only after some
    /// thousand sessions; a node lives that long.
    /// </summary>
    internal const string ProfiledCode = "DOTNET_TieredPGO";
    private static readonly TimeSpan _readyPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(30);
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly MarkedProcesses _processes = new(Mark, node.Environment[Mark]);

    /// <summary>The node with its present process; null for none.</summary>
    internal ClusterNode Find() => node with { Pid = _processes.Find() is [var first, ..] ? first : null, State = null };

    /// <summary>The node with its present process and state, and what it sees of its cluster.</summary>
    internal async Task<ClusterNode> ProbeAsync(CancellationToken cancellation)
    {
        ClusterNode found = Find();
        return found.Pid is null
            ? found with { State = "down" }
            : found with { State = await IsReadyAsync(cancellation) ? "ready" : "not ready", Cluster = await AskClusterAsync(cancellation) };
    }

    /// <summary>
    /// Starts the node unless it runs, and returns when it is ready. Throws <see cref="UnavailableException"/> <c>node_failed</c> with the end of its log
    /// when it ends or is not ready within two minutes; it goes on in the second case.
    /// </summary>
    internal async Task StartAsync(CancellationToken cancellation)
    {
        using Process? process = Find().Pid is null ? Launch() : null;
        long start = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync(cancellation))
        {
            bool hasEnded = process?.HasExited ?? Find().Pid is null;
            if (hasEnded || TimeProvider.System.GetElapsedTime(start) > _readyPatience)
            {
                string end = hasEnded
                    ? $"ended{(process is null ? string.Empty : $" with exit code {process.ExitCode}")}"
                    : $"is not ready after {_readyPatience.TotalSeconds:0} s";
                throw new UnavailableException("node_failed", $"The node {node.Name} {end}. {BackgroundProcess.Tail(node.Log)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
        }
    }

    /// <summary>Asks all nodes of a cluster to stop in order, and kills what has not stopped after half a minute.</summary>
    internal static Task StopAllAsync(ClusterDirectory directory, CancellationToken cancellation)
    {
        MarkedProcesses processes = new(ClusterMark, directory.Root);
        return processes.EndAsync(processes.Find(), PosixSignal.SIGTERM, _stopPatience, cancellation);
    }

    /// <summary>Throws <see cref="UnavailableException"/> <c>port_taken</c> when the node does not run and somebody else has its port.</summary>
    internal void DemandPort()
    {
        if (Find().Pid is null && !FreePort.IsFree(new Uri(node.Url).Port))
        {
            throw new UnavailableException(
                "port_taken",
                $"{node.Name} listens at {node.Url}, and another program has that port now. Stop it, or make a cluster on other ports: "
                    + "--http-port PORT --data DIR.");
        }
    }

    private Process Launch()
    {
        Dictionary<string, string> environment = SigningProgram.Paths();
        foreach ((string name, string value) in node.Environment)
        {
            environment[name] = value;
        }

        return BackgroundProcess.Start([.. SigningProgram.Words, "node", "--config", node.Config], environment, "/", node.Log);
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage? answer = await AskAsync("/readyz", cancellation);
        return answer?.StatusCode == HttpStatusCode.OK;
    }

    private async Task<ClusterResponse?> AskClusterAsync(CancellationToken cancellation)
    {
        using HttpResponseMessage? answer = await AskAsync("/v1/cluster", cancellation);
        return answer?.StatusCode == HttpStatusCode.OK
            ? await answer.Content.ReadFromJsonAsync(ClusterJson.Readable.ClusterResponse, cancellation)
            : null;
    }

    /// <summary>Null when it does not answer.</summary>
    private async Task<HttpResponseMessage?> AskAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await _http.GetAsync(new Uri($"{node.Url}{path}"), cancellation);
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }
}
