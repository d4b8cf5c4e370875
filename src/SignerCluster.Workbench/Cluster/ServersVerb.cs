using System.CommandLine;
using SignerCluster.Host.Verbs;

namespace SignerCluster.Workbench.Cluster;

/// <summary><c>cluster servers up|down</c>: the private PostgreSQL and RabbitMQ alone.</summary>
internal static class ServersVerb
{
    private const string PostgresName = "postgres";
    private const string RabbitMqName = "rabbitmq";

    internal static Command Create(Option<string?> data, Terminal terminal)
    {
        Argument<string?> one = new("SERVER") { Description = $"{PostgresName} or {RabbitMqName} alone.", Arity = ArgumentArity.ZeroOrOne };
        one.AcceptOnlyFromAmong(PostgresName, RabbitMqName);
        Command up = new("up", "Start private servers on free ports of loopback; again on the same ports and data later.") { one, data, CommonOptions.Json };
        up.SetAction((parsed, cancellation) => UpAsync(ClusterVerb.DirectoryOf(parsed.GetValue(data)), parsed.GetValue(one), terminal, cancellation));
        Command down = new("down", "Stop them; their data stays.") { one, data, CommonOptions.Json };
        down.SetAction((parsed, cancellation) => DownAsync(ClusterVerb.DirectoryOf(parsed.GetValue(data)), parsed.GetValue(one), terminal, cancellation));
        return new Command("servers", "The private PostgreSQL and RabbitMQ of a development cluster, alone.") { up, down };
    }

    private static async Task<int> UpAsync(ClusterDirectory directory, string? one, Terminal terminal, CancellationToken cancellation)
    {
        using IDisposable held = directory.Hold();
        await terminal.WithProgressAsync("Starting servers…", () => StartAsync(directory, one, cancellation));
        ServersDocument servers = Find(directory);
        return terminal.ShowLines(servers, ClusterJson.Readable.ServersDocument, Lines(servers));
    }

    private static async Task<int> DownAsync(ClusterDirectory directory, string? one, Terminal terminal, CancellationToken cancellation)
    {
        if (Directory.Exists(directory.Root))
        {
            using IDisposable held = directory.Hold();
            await terminal.WithProgressAsync("Stopping servers…", () => StopAsync(directory, one, cancellation));
        }

        ServersDocument servers = Find(directory);
        return terminal.ShowLines(servers, ClusterJson.Readable.ServersDocument, Lines(servers));
    }

    /// <summary>Starts what does not run, both at once. What started stays when the other does not.</summary>
    internal static async Task<bool> StartAsync(ClusterDirectory directory, string? one, CancellationToken cancellation)
    {
        await Task.WhenAll(
            one == RabbitMqName ? Task.CompletedTask : new PrivatePostgres(directory).StartAsync(cancellation),
            one == PostgresName ? Task.CompletedTask : new PrivateRabbitMq(directory).StartAsync(cancellation));
        return true;
    }

    /// <summary>Stops what runs, also what is half started. Nothing of it runs when this returns.</summary>
    internal static async Task<bool> StopAsync(ClusterDirectory directory, string? one, CancellationToken cancellation)
    {
        await Task.WhenAll(
            one == RabbitMqName ? Task.CompletedTask : new PrivatePostgres(directory).StopAsync(cancellation),
            one == PostgresName ? Task.CompletedTask : new PrivateRabbitMq(directory).StopAsync(cancellation));
        return true;
    }

    internal static ServersDocument Find(ClusterDirectory directory)
    {
        (PostgresServer? postgres, RabbitMqServer? rabbitMq) = (new PrivatePostgres(directory).Find(), new PrivateRabbitMq(directory).Find());
        return new ServersDocument(postgres, rabbitMq, postgres?.Pid is null || rabbitMq?.Pid is null ? null : Tests(postgres, rabbitMq));
    }

    private static Dictionary<string, string> Tests(PostgresServer postgres, RabbitMqServer rabbitMq) => new(StringComparer.Ordinal)
    {
        ["SIGNER_TEST_POSTGRES"] =
            $"Host={postgres.Host};Port={postgres.Port};Username={postgres.Superuser};Password={File.ReadAllText(postgres.PasswordFile)};Database=postgres",
        ["SIGNER_TEST_BROKER"] = $"amqp://{rabbitMq.Administrator}:{File.ReadAllText(rabbitMq.PasswordFile)}@{rabbitMq.Host}:{rabbitMq.Port}/",
        ["SIGNER_TEST_BROKER_CTL"] = rabbitMq.Tool,
    };

    private static IEnumerable<string> Lines(ServersDocument servers)
    {
        yield return Line(PostgresName, servers.Postgres?.Host, servers.Postgres?.Port, servers.Postgres?.Pid);
        yield return Line(RabbitMqName, servers.Rabbitmq?.Host, servers.Rabbitmq?.Port, servers.Rabbitmq?.Pid);
    }

    private static string Line(string name, string? host, int? port, int? id) =>
        $"{name,-10} {(id is null ? "does not run" : $"runs at {host}:{port} (process {id})")}";
}
