using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Telemetry;

namespace SignerCluster.Host.Verbs;

/// <summary><c>node</c>: one node of a cluster, in the roles that its configuration names.</summary>
internal static class NodeVerb
{
    private static readonly Option<string> _config = CommonOptions.Config();

    internal static Command Create(Terminal terminal)
    {
        Command verb = new("node", "Run one node of a cluster until stopped.") { _config };
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken stopping)
    {
        NodeSettings settings = NodeSettings.Load(parsed.GetValue(_config)!, Environment.GetEnvironmentVariable);
        HttpSettings http = settings.Http.Open();
        using ILoggerFactory logs = LongRunning.CreateLogs(settings.LogLevel);
        while (await RunAsync(settings, http, logs, terminal, stopping))
        {
            terminal.Remark("The party's other nodes took this one for dead. It starts anew.");
        }

        return ExitCode.Done;
    }

    /// <summary>One life of the node. True when it has to start anew: the others have put it out of the cluster.</summary>
    private static async Task<bool> RunAsync(NodeSettings settings, HttpSettings http, ILoggerFactory logs, Terminal terminal, CancellationToken stopping)
    {
        using Metering? metering = Metering.Start(Environment.GetEnvironmentVariable);
        await using RunningNode? started = await StartAsync(settings, http, logs, stopping);
        if (started is not { } running)
        {
            terminal.Remark("Stopped before what the node waited for was there.");
            return false;
        }

        await using HttpApi api = HttpApi.Build(http, running.Served, TimeProvider.System, logs, metering);
        await api.StartAsync(stopping);
        string roles = string.Join(" and ", settings.Roles.Select(static role => role.ToString().ToLowerInvariant()));
        await Console.Out.WriteLineAsync($"{settings.Name} is up as {roles} at {api.Url.GetLeftPart(UriPartial.Authority)}; groups: {running.Groups}");

        await running.WaitForRemovalAsync(stopping);
        if (stopping.IsCancellationRequested)
        {
            terminal.Remark("Stopping: no new requests, the ones in progress finish.");
        }

        await api.StopAsync(CancellationToken.None);
        return !stopping.IsCancellationRequested;
    }

    /// <summary>Null when it was stopped while it waited for a server.</summary>
    private static async Task<RunningNode?> StartAsync(NodeSettings settings, HttpSettings http, ILoggerFactory logs, CancellationToken stopping)
    {
        http.ThrowIfOpenToOutsiders();
        PatientStart start = new(TimeProvider.System, logs.CreateLogger<PatientStart>());
        try
        {
            return await start.RunAsync(cancellation => RunningNode.StartAsync(settings, logs, cancellation), ServeAsync, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }

        async Task<IAsyncDisposable> ServeAsync(CancellationToken cancellation)
        {
            HttpApi waiting = HttpApi.BuildWaiting(http, start, logs);
            await waiting.StartAsync(cancellation);
            return waiting;
        }
    }
}
