using System.CommandLine;
using SignerCluster.Host.Verbs;

namespace SignerCluster.Workbench.Cluster;

/// <summary><c>cluster servers up|down</c>: the private PostgreSQL alone.</summary>
internal static class ServersVerb
{
    internal static Command Create(Option<string?> data, Terminal terminal)
    {
        Command up = new("up", "Start a private server on a free port of loopback; again on the same port and data later.") { data, CommonOptions.Json };
        up.SetAction((parsed, cancellation) => UpAsync(ClusterVerb.DirectoryOf(parsed.GetValue(data)), terminal, cancellation));
        Command down = new("down", "Stop it; its data stays.") { data, CommonOptions.Json };
        down.SetAction((parsed, cancellation) => DownAsync(ClusterVerb.DirectoryOf(parsed.GetValue(data)), terminal, cancellation));
        return new Command("servers", "The private PostgreSQL of a development cluster, alone.") { up, down };
    }

    /// <summary>Starts it if it does not run.</summary>
    internal static Task StartAsync(ClusterDirectory directory, CancellationToken cancellation) => new PrivatePostgres(directory).StartAsync(cancellation);

    /// <summary>Stops what runs, also what is half started. Nothing of it runs when this returns.</summary>
    internal static Task StopAsync(ClusterDirectory directory, CancellationToken cancellation) => new PrivatePostgres(directory).StopAsync(cancellation);

    internal static ServersDocument Find(ClusterDirectory directory)
    {
        PostgresServer? postgres = new PrivatePostgres(directory).Find();
        return new ServersDocument(postgres, postgres?.Pid is null ? null : Tests(postgres));
    }

    private static async Task<int> UpAsync(ClusterDirectory directory, Terminal terminal, CancellationToken cancellation)
    {
        using IDisposable held = directory.Hold();
        return await ShowAfterAsync("Starting PostgreSQL…", () => StartAsync(directory, cancellation), directory, terminal);
    }

    private static async Task<int> DownAsync(ClusterDirectory directory, Terminal terminal, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory.Root))
        {
            return Show(directory, terminal);
        }

        using IDisposable held = directory.Hold();
        return await ShowAfterAsync("Stopping PostgreSQL…", () => StopAsync(directory, cancellation), directory, terminal);
    }

    private static async Task<int> ShowAfterAsync(string doing, Func<Task> work, ClusterDirectory directory, Terminal terminal)
    {
        await terminal.WithProgressAsync(doing, async () =>
        {
            await work();
            return true;
        });
        return Show(directory, terminal);
    }

    private static int Show(ClusterDirectory directory, Terminal terminal)
    {
        ServersDocument servers = Find(directory);
        return terminal.ShowLines(servers, ClusterJson.Readable.ServersDocument, [Line(servers.Postgres)]);
    }

    private static Dictionary<string, string> Tests(PostgresServer postgres) => new(StringComparer.Ordinal)
    {
        ["SIGNER_TEST_POSTGRES"] =
            $"Host={postgres.Host};Port={postgres.Port};Username={postgres.Superuser};Password={File.ReadAllText(postgres.PasswordFile)};Database=postgres",
    };

    private static string Line(PostgresServer? server) =>
        $"{"postgres",-10} {(server?.Pid is { } id ? $"runs at {server.Host}:{server.Port} (process {id})" : "does not run")}";
}
