using System.Globalization;
using System.Runtime.InteropServices;

namespace SignerCluster.Workbench.Cluster;

/// <summary>A PostgreSQL server of the cluster's own: on loopback only, with its data below the cluster's folder, and as durable as it is by default.</summary>
internal sealed class PrivatePostgres
{
    internal const string Superuser = "signer";
    private const string Package = "postgresql-15";
    private const string Versions = "/usr/lib/postgresql";

    // Five nodes with a pool each, a second set of them while a rolling restart goes on, and the tests.
    private const int MaximumConnections = 400;
    private const int ReadyLine = 7;
    private readonly string _folder;
    private readonly string _log;
    private readonly PrivateServer _server;

    internal PrivatePostgres(ClusterDirectory directory)
    {
        _folder = directory.Postgres;
        _log = directory.LogOf("postgres");
        _server = new PrivateServer("PostgreSQL", _folder, _log);
    }

    private string Data => Path.Join(_folder, "data");

    private string StateFile => Path.Join(Data, "postmaster.pid");

    private string PortFile => Path.Join(_folder, "port");

    private string PasswordFile => Path.Join(_folder, "superuser-password");

    /// <summary>Where the server is, or null when it was never made; its <see cref="PostgresServer.Pid"/> is null while it does not run.</summary>
    internal PostgresServer? Find()
    {
        if (!File.Exists(PortFile))
        {
            return null;
        }

        (int? id, _) = ReadState();
        int port = int.Parse(File.ReadAllText(PortFile), CultureInfo.InvariantCulture);
        return new PostgresServer("127.0.0.1", port, _server.Owns(id) ? id : null, Superuser, PasswordFile);
    }

    /// <summary>Makes the server where there is none, starts it where it does not run, and returns when it takes connections.</summary>
    internal async Task<PostgresServer> StartAsync(CancellationToken cancellation)
    {
        ServerAccount account = ServerAccount.For("postgres", Package);
        if (!File.Exists(PortFile))
        {
            await MakeAsync(account, cancellation);
        }

        PostgresServer server = Find()!;
        if (server.Pid is null)
        {
            await StopAsync(cancellation);
            _server.DemandFree(server.Port);
            await ForgetKilledAsync(cancellation);
            string version = await File.ReadAllTextAsync(Path.Join(Data, "PG_VERSION"), cancellation);
            string[] words =
            [
                .. account.Prefix, Path.Join(Programs(version.Trim()), "postgres"), "-D", Data, "-p", $"{server.Port}",
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", $"max_connections={MaximumConnections}",
            ];
            await _server.StartAsync(words, () => ReadState() is (var id, true) && _server.Owns(id), cancellation);
        }

        return Find()!;
    }

    /// <summary>Stops it as <c>pg_ctl -m fast</c> does: sessions are cut, what is committed is on disk. Nothing of it runs when this returns.</summary>
    internal Task StopAsync(CancellationToken cancellation) => _server.EndAsync(ReadState().Id, PosixSignal.SIGINT, cancellation);

    /// <summary>The file with the port comes last: without it nothing here was ever used and it is made again.</summary>
    private async Task MakeAsync(ServerAccount account, CancellationToken cancellation)
    {
        account.DemandReach(Path.GetDirectoryName(_folder)!);
        string programs = Programs(version: null);
        await _server.EndAsync(null, PosixSignal.SIGTERM, cancellation);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        ClusterDirectory.MakePrivate(_folder);
        ClusterDirectory.DrawPassword(PasswordFile);
        await account.OwnAsync(cancellation, _folder);
        await ProgramRun.ToEndAsync(
            [
                .. account.Prefix, Path.Join(programs, "initdb"), "-D", Data, "-U", Superuser, "-A", "scram-sha-256", $"--pwfile={PasswordFile}", "-E", "UTF8",
                "--locale=C",
            ],
            _server.Environment, cancellation);
        ClusterDirectory.WritePrivate(PortFile, $"{FreePort.Take(1)[0]}");
    }

    /// <summary>
    /// A server that was killed leaves a file that says it runs, and as long as its dead process is not buried the next one believes that. Once no process
    /// works in the folder of the data, backends of the dead one included, nobody does.
    /// </summary>
    private async Task ForgetKilledAsync(CancellationToken cancellation)
    {
        if (await MarkedProcesses.WaitAsync(() => !MarkedProcesses.AnyWorksIn(Data), TimeSpan.FromSeconds(10), cancellation))
        {
            File.Delete(StateFile);
        }
    }

    /// <summary>The first line of the server's own file is its process, the eighth what it is doing.</summary>
    private (int? Id, bool IsReady) ReadState()
    {
        try
        {
            string[] lines = File.ReadAllLines(StateFile);
            bool isReady = lines.Length > ReadyLine && lines[ReadyLine].Trim() == "ready";
            return lines.Length > 0 && int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? (id, isReady) : (null, false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, false);
        }
    }

    /// <summary>
    /// The folder of the programs of that version, which made the data, or of the newest one. Throws <see cref="UnavailableException"/> <c>server_missing</c>.
    /// </summary>
    private static string Programs(string? version)
    {
        if (Environment.GetEnvironmentVariable("SIGNER_POSTGRES_PROGRAMS") is { Length: > 0 } given)
        {
            return given;
        }

        string? newest = Directory.Exists(Versions)
            ? Directory.GetDirectories(Versions).Select(Path.GetFileName)
                .Where(name => File.Exists(Path.Join(Versions, name, "bin", "initdb")) && (version is null || name == version))
                .MaxBy(static name => int.TryParse(name, CultureInfo.InvariantCulture, out int number) ? number : 0)
            : null;
        string package = version is null ? Package : $"postgresql-{version}";
        return newest is not null
            ? Path.Join(Versions, newest, "bin")
            : throw new UnavailableException(
                "server_missing", $"{package} is not in {Versions}. Install Debian's package of that name: sudo apt-get install {package}");
    }
}
