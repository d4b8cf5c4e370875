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
        using Metering metering = Metering.Start(Environment.GetEnvironmentVariable);
        await using RunningNode? started = await StartAsync(settings, http, logs, stopping);
        if (started is not { } running)
        {
            terminal.Remark("Stopped before what the node waited for was there.");
            return ExitCode.Done;
        }

        await using HttpApi api = HttpApi.Build(http, running.Served, TimeProvider.System, logs, metering);
        await api.StartAsync(stopping);
        string roles = string.Join(" and ", settings.Roles.Select(static role => role.ToString().ToLowerInvariant()));
        await Console.Out.WriteLineAsync($"{settings.Name} is up as {roles} at {api.Url.GetLeftPart(UriPartial.Authority)}; groups: {running.Groups}");

        await LongRunning.WaitAsync(stopping);
        terminal.Remark("Stopping: no new requests, the ones in progress finish.");
        await api.StopAsync(CancellationToken.None);
        return ExitCode.Done;
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
