using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Host.Telemetry;

namespace SignerCluster.Host.Verbs;

/// <summary><c>up</c>: the cluster of a data directory as a long-running service.</summary>
internal static class UpVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string> _http =
        new("--http")
        {
            Description = "Where to listen; elsewhere than on loopback with --token-file only.",
            HelpName = "HOST:PORT",
            DefaultValueFactory = static _ => "127.0.0.1:7420",
        };
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly PolicyOptions _policy = new();
    private static readonly RegistryOptions _registry = new();

    internal static Command Create(Terminal terminal)
    {
        Command verb = new("up", "Serve the cluster of a data directory over HTTP until stopped.") { _data, _http, _tokenFile };
        _policy.AddTo(verb);
        _registry.AddTo(verb);
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken stopping)
    {
        string data = CommonOptions.RequireData(parsed.GetValue(_data));
        HttpSettings http = new(
            HttpSettings.ParseEndpoint(parsed.GetValue(_http)!), parsed.GetValue(_tokenFile) is { } path ? BearerToken.Load(path) : null);
        http.ThrowIfOpenToOutsiders();

        ClusterSettings settings = _policy.Read(parsed) with { Registry = _registry.Read(parsed) };
        using ILoggerFactory logs = LongRunning.CreateLogs(LogLevel.Information);
        using Metering? metering = Metering.Start(Environment.GetEnvironmentVariable);
        await using RunningCluster running = await Wiring.StartAsync(data, settings, logs, stopping);
        await using HttpApi api = HttpApi.Build(http, running.Served, TimeProvider.System, logs, metering);
        await api.StartAsync(stopping);
        await Console.Out.WriteLineAsync(
            $"signer is up at {api.Url.GetLeftPart(UriPartial.Authority)}; groups: {running.Cluster.Groups.Groups.Count}; sessions resumed: "
            + $"{running.Cluster.Resumed}");

        running.Warn(terminal);
        await LongRunning.WaitAsync(stopping);
        terminal.Remark("Stopping: no new requests, the ones in progress finish.");
        await api.StopAsync(CancellationToken.None);
        return ExitCode.Done;
    }
}
