using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SignerCluster.Workbench.Cluster;

/// <summary>
/// A RabbitMQ server of the cluster's own: one node on loopback only, with a name server of its own, its data below the cluster's folder, and one user,
/// an administrator with a drawn password. The usual user <c>guest</c> is never made.
/// </summary>
internal sealed class PrivateRabbitMq
{
    internal const string Administrator = "administrator";
    private const string Package = "rabbitmq-server";
    private const string NodeName = "signer@localhost";
    private readonly string _folder;
    private readonly string _log;
    private readonly PrivateServer _server;

    internal PrivateRabbitMq(ClusterDirectory directory)
    {
        _folder = directory.RabbitMq;
        _log = directory.LogOf("rabbitmq");
        _server = new PrivateServer("RabbitMQ", _folder, _log);
    }

    private static string Programs =>
        System.Environment.GetEnvironmentVariable("SIGNER_RABBITMQ_PROGRAMS") is { Length: > 0 } given ? given : "/usr/lib/rabbitmq/bin";

    /// <summary>The ports of clients, of other nodes and command-line tools, and of the name server; the file comes last when the server is made.</summary>
    private string PortFile => In("ports");

    private string PasswordFile => In("administrator-password");

    /// <summary>Where the server is, or null when it was never made; its <see cref="RabbitMqServer.Pid"/> is null while it does not run.</summary>
    internal RabbitMqServer? Find()
    {
        if (!File.Exists(PortFile))
        {
            return null;
        }

        int? id = ReadId();
        return new RabbitMqServer("127.0.0.1", Ports()[0], _server.Owns(id) ? id : null, NodeName, Environment(), Administrator, PasswordFile, In("ctl"));
    }

    /// <summary>Makes the server where there is none, starts it where it does not run, and returns when it takes connections.</summary>
    internal async Task<RabbitMqServer> StartAsync(CancellationToken cancellation)
    {
        ServerAccount account = ServerAccount.For("rabbitmq", Package);
        if (!File.Exists(Path.Join(Programs, "rabbitmq-server")))
        {
            throw new UnavailableException(
                "server_missing", $"RabbitMQ is not in {Programs}. Install Debian's package {Package}: sudo apt-get install {Package}");
        }

        // A broker that was interrupted the first time may lack its user for ever.
        if (!File.Exists(PortFile) || !File.Exists(In("complete")))
        {
            await MakeAsync(account, cancellation);
        }

        if (Find()!.Pid is null || !Answers())
        {
            await StopAsync(cancellation);
            _server.DemandFree(Ports());
            Environment();
            await _server.StartAsync([.. account.Prefix, Path.Join(Programs, "rabbitmq-server")], () => _server.Owns(ReadId()) && Answers(), cancellation);
            ClusterDirectory.WritePrivate(In("complete"), string.Empty);
        }

        return Find()!;
    }

    /// <summary>Stops it in order, then its name server. Nothing of it runs when this returns.</summary>
    internal Task StopAsync(CancellationToken cancellation) => _server.EndAsync(ReadId(), PosixSignal.SIGTERM, cancellation);

    /// <summary>Gives the broker a definitions document (users, permissions, exchanges), which adds to what it has.</summary>
    internal async Task ImportAsync(string definitions, CancellationToken cancellation) =>
        await ProgramRun.ToEndAsync([In("ctl"), "import_definitions"], _server.Environment, cancellation, definitions);

    private async Task MakeAsync(ServerAccount account, CancellationToken cancellation)
    {
        account.DemandReach(Path.GetDirectoryName(_folder)!);
        await _server.EndAsync(null, PosixSignal.SIGTERM, cancellation);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        ClusterDirectory.MakePrivate(_folder);
        ClusterDirectory.DrawPassword(PasswordFile);
        ClusterDirectory.WritePrivate(In("enabled_plugins"), "[rabbitmq_consistent_hash_exchange].\n");
        ClusterDirectory.WritePrivate(In("rabbitmq.conf"), Settings());
        // Present and empty, so that the machine's own files in /etc/rabbitmq are not read.
        ClusterDirectory.WritePrivate(In("rabbitmq-env.conf"), string.Empty);
        ClusterDirectory.WritePrivate(In("advanced.config"), "[].\n");
        await account.OwnAsync(cancellation, _folder);
        ClusterDirectory.WritePrivate(PortFile, string.Join(' ', FreePort.Take(3)));
        WriteTool(account);
    }

    private string Settings() =>
        $"""
        default_user = {Administrator}
        default_pass = {File.ReadAllText(PasswordFile)}
        default_user_tags.administrator = true
        default_permissions.configure = .*
        default_permissions.read = .*
        default_permissions.write = .*
        log.file = false
        log.console = true
        log.console.level = info

        """;

    /// <summary>A command that runs rabbitmqctl as the server's user and against this server, whatever the caller's environment is.</summary>
    private void WriteTool(ServerAccount account)
    {
        IEnumerable<string> words =
            ["exec", "env", "-i", .. Environment().Select(static entry => $"{entry.Key}={entry.Value}"), .. account.Prefix, Path.Join(Programs, "rabbitmqctl")];
        string path = In("ctl");
        ClusterDirectory.WritePrivate(path, $"#!/bin/sh\ncd /\n{string.Join(' ', words.Select(Quote))} \"$@\"\n");
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>The environment of the server and of rabbitmqctl.</summary>
    private Dictionary<string, string> Environment()
    {
        int[] ports = Ports();
        Dictionary<string, string> environment = _server.Environment;
        environment["RABBITMQ_NODENAME"] = NodeName;
        environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_NODE_PORT"] = $"{ports[0]}";
        environment["RABBITMQ_DIST_PORT"] = $"{ports[1]}";
        environment["ERL_EPMD_PORT"] = $"{ports[2]}";
        environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_MNESIA_BASE"] = In("mnesia");
        environment["RABBITMQ_LOG_BASE"] = In("log");
        environment["RABBITMQ_PID_FILE"] = In("pid");
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = In("enabled_plugins");
        environment["RABBITMQ_CONFIG_FILE"] = In("rabbitmq.conf");
        environment["RABBITMQ_ADVANCED_CONFIG_FILE"] = In("advanced.config");
        environment["RABBITMQ_CONF_ENV_FILE"] = In("rabbitmq-env.conf");
        environment["RABBITMQ_GENERATED_CONFIG_DIR"] = In("generated");
        // Nodes speak to each other on loopback only; and a scheduler with nothing to do does not spin, since all nodes share this machine.
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none";
        return environment;
    }

    /// <summary>Does the broker greet a client? It listens last of all when it starts.</summary>
    private bool Answers()
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5_000 };
            socket.Connect(IPAddress.Loopback, Ports()[0]);
            socket.Send("AMQP\0\0\t\u0001"u8);
            return socket.Receive(stackalloc byte[1]) == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private int[] Ports() => [.. File.ReadAllText(PortFile).Split(' ').Select(static port => int.Parse(port, CultureInfo.InvariantCulture))];

    private int? ReadId()
    {
        try
        {
            return int.TryParse(File.ReadAllText(In("pid")).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string In(string name) => Path.Join(_folder, name);
}
