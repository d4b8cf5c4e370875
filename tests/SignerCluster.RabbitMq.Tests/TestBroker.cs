using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>
/// A virtual host of its own in the broker that the environment names, set up from a definitions file as an operator would. The parties' names
/// are unique, because users belong to the whole broker.
/// </summary>
public sealed class TestBroker : IAsyncLifetime
{
    private const string NoBroker = "This test needs a RabbitMQ broker. Run: ./signer test --cluster";
    private readonly Uri _address = new(Environment.GetEnvironmentVariable("SIGNER_TEST_BROKER") ?? throw new InvalidOperationException(NoBroker));
    private readonly string _ctl = Environment.GetEnvironmentVariable("SIGNER_TEST_BROKER_CTL") ?? throw new InvalidOperationException(NoBroker);
    private readonly string _suffix = Guid.NewGuid().ToString("N")[..8];
    private readonly Dictionary<string, BrokerPassword> _passwords = new(StringComparer.Ordinal);

    public TestBroker()
    {
        (Coordinator, Alice, Bob, Bare, Misled) = (Name("coordinator"), Name("alice"), Name("bob"), Name("bare"), Name("misled"));
        VirtualHost = Name("test");
        Administrator = Name("administrator");
    }

    public string VirtualHost { get; }

    public string Administrator { get; }

    /// <summary>Asks alice, bob and itself.</summary>
    public string Coordinator { get; }

    public string Alice { get; }

    public string Bob { get; }

    /// <summary>A party without exchanges.</summary>
    public string Bare { get; }

    /// <summary>A party whose exchange for requests does not share by hash.</summary>
    public string Misled { get; }

    public int Port => _address.Port;

    public async Task InitializeAsync()
    {
        BrokerTopology topology = BrokerTopology.Of(
            VirtualHost, [new(Coordinator, [Alice, Bob, Coordinator]), new(Alice, []), new(Bob, []), new(Bare, []), new(Misled, [])]);
        foreach (string user in (string[])[Administrator, .. topology.Users.Select(static user => user.Name)])
            _passwords[user] = PasswordOf(user);
        topology = topology with
        {
            Exchanges = [.. topology.Exchanges.Where(exchange => !exchange.Name.EndsWith(Bare, StringComparison.Ordinal))
                .Select(exchange => exchange.Name == $"in.{Misled}" ? exchange with { Type = "direct" } : exchange)],
        };
        string file = Path.Combine(Path.GetTempPath(), $"{VirtualHost}.json");
        try
        {
            // Readable by the broker's user, whom rabbitmqctl may run as; there are only hashes in it.
            await using (FileStream output = new(
                file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = (UnixFileMode)0b110_100_100 }))
                BrokerDefinitions.Write(output, topology, _passwords, Administrator);
            await ControlAsync("import_definitions", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public async Task DisposeAsync()
    {
        string users = string.Join(',', _passwords.Keys.Select(static user => $"<<\"{user}\">>"));
        await ControlAsync(
            "eval",
            $"rabbit_vhost:delete(<<\"{VirtualHost}\">>, <<\"test\">>), [rabbit_auth_backend_internal:delete_user(U, <<\"test\">>) || U <- [{users}]].");
        foreach (BrokerPassword password in _passwords.Values)
            password.Dispose();
    }

    public static BrokerPassword PasswordOf(string user) => new(Encoding.UTF8.GetBytes($"pass of {user}"));

    public RabbitMqSettings SettingsOf(string party, string node, int? port = null, Action<Tuning>? tune = null)
    {
        var tuning = new Tuning();
        tune?.Invoke(tuning);
        return new RabbitMqSettings
        {
            Host = "127.0.0.1",
            Port = port ?? Port,
            VirtualHost = tuning.VirtualHost ?? VirtualHost,
            User = party,
            Password = tuning.Password ?? _passwords[party],
            Party = party,
            Node = node,
            MaximumInFlight = tuning.MaximumInFlight,
            MaximumHandling = tuning.MaximumHandling,
            MaximumMessageBytes = tuning.MaximumMessageBytes,
            Prefetch = tuning.Prefetch,
            Tls = tuning.Tls,
            Heartbeat = tuning.Heartbeat,
            ConnectTimeout = tuning.ConnectTimeout,
            AnswerTimeout = tuning.AnswerTimeout,
            NodeNamePatience = tuning.NodeNamePatience,
            StopGrace = TimeSpan.FromSeconds(30),
            FirstPause = TimeSpan.FromMilliseconds(20),
        };
    }

    /// <summary>A node of the party that asks nobody.</summary>
    public Task<RabbitMqEngine> StartAsync(string party, string node, IEngine local, Action<Tuning>? tune = null) =>
        StartAsync(SettingsOf(party, node, tune: tune), new BrokerRoutes(static _ => null, []), local);

    /// <summary>A node of the coordinator: <c>echo/alice/…</c> lives with alice, and so on.</summary>
    public Task<RabbitMqEngine> StartAskerAsync(string node = "coordinator-1", IEngine? local = null, int? port = null, Action<Tuning>? tune = null) =>
        StartAsync(SettingsOf(Coordinator, node, port, tune), new BrokerRoutes(PartyOf, [Alice, Bob, Coordinator]), local);

    public static Task<RabbitMqEngine> StartAsync(RabbitMqSettings settings, BrokerRoutes routes, IEngine? local) =>
        RabbitMqEngine.StartAsync(settings, routes, local, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    /// <summary>A bare connection of this user.</summary>
    public async Task<IConnection> ConnectAsync(string user)
    {
        using BrokerPassword password = PasswordOf(user);
        using var mechanism = new PlainMechanism(user, password);
        var factory = new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = Port,
            VirtualHost = VirtualHost,
            UserName = user,
            AuthMechanisms = [mechanism],
            AutomaticRecoveryEnabled = false,
        };
        return await factory.CreateConnectionAsync();
    }

    /// <summary>Runs rabbitmqctl and returns what it prints.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["-c", $"{_ctl} \"$@\"", "ctl", .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{_ctl} {arguments[0]} ended with {process.ExitCode}: {output} {await errors}");
    }

    public string? PartyOf(EntityId entity) => entity.Parts[1] switch
    {
        "alice" => Alice,
        "bob" => Bob,
        "coordinator" => Coordinator,
        _ => null,
    };

    private string Name(string name) => $"{name}-{_suffix}";
}

/// <summary>What a test wants otherwise than the others.</summary>
public sealed class Tuning
{
    public string? VirtualHost { get; set; }

    public BrokerPassword? Password { get; set; }

    public int MaximumInFlight { get; set; } = 1000;

    public int MaximumHandling { get; set; } = 500;

    public int MaximumMessageBytes { get; set; } = 1024 * 1024;

    public int Prefetch { get; set; } = 64;

    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(20);

    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public BrokerTls? Tls { get; set; }

    // Long: a test that does not wait for a timeout must not meet one on a busy machine.
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan NodeNamePatience { get; set; } = TimeSpan.FromSeconds(10);
}

[CollectionDefinition(Name)]
public sealed class BrokerTests : ICollectionFixture<TestBroker>
{
    public const string Name = "tests against one broker";
}
