using System.Globalization;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>Faults inside the database server: its disk is full, its settings make it slow.</summary>
internal sealed class DatabaseFaults(Deployment deployment)
{
    private const int PieceBytes = 1 << 20;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly string[] _places =
    [
        "/usr/bin/psql",
        .. Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(static folder => Path.Combine(folder, "bin", "psql"))
            : [],
    ];

    /// <summary>
    /// Fills the small file system under the database to its last byte. What follows makes room again and starts the server where it gave up.
    /// </summary>
    internal async Task<Func<Task>?> FillAsync(TimeSpan duration, CancellationToken over)
    {
        if (deployment.Shape.TmpfsMegabytes <= 0)
        {
            throw new UsageException("fill-disk needs cluster.tmpfs-megabytes, so that it fills no other disk.");
        }

        string ballast = Path.Combine(deployment.DatabaseFolder, "ballast");
        try
        {
            await using FileStream file = new(ballast, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            byte[] piece = new byte[PieceBytes];
            for (int length = PieceBytes; length > 0;)
            {
                length = await TryWriteAsync(file, piece.AsMemory(0, length)) ? length : length / 2;
            }
        }
        catch (IOException full) when (File.Exists(ballast))
        {
            // Closing may say once more that the disk is full.
            _ = full;
        }

        return async () =>
        {
            await Faults.WhileAsync(duration, over);
            File.Delete(ballast);
            await deployment.SetServerAsync("postgres", up: true);
        };
    }

    /// <summary>Sets parameters of the running server. What follows takes them back.</summary>
    internal async Task<Func<Task>?> SetAsync(Arguments settings, TimeSpan duration, CancellationToken over)
    {
        await RunAsync([.. settings.Names.Select(name => string.Create(CultureInfo.InvariantCulture, $"ALTER SYSTEM SET {name} = '{settings.Text(name)}'"))]);
        return async () =>
        {
            await Faults.WhileAsync(duration, over);
            await RunAsync([.. settings.Names.Select(static name => $"ALTER SYSTEM RESET {name}")]);
        };
    }

    private async Task RunAsync(IReadOnlyList<string> statements)
    {
        PostgresServer server = deployment.Document.Servers.Postgres;
        string psql = _places.FirstOrDefault(File.Exists) ?? throw new CannotRunException("psql is missing. Type: sudo apt-get install postgresql-client");
        string[] connection =
            [
                "-h", server.Host, "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-U", server.Superuser, "-d", "postgres", "-v", "ON_ERROR_STOP=1",
                "-q",
            ];
        string[] commands = [.. ((string[])[.. statements, "SELECT pg_reload_conf()"]).SelectMany(static statement => (string[])["-c", statement])];
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["PGPASSWORD"] = (await File.ReadAllTextAsync(server.PasswordFile)).Trim() };
        Ended ended = await Commands.RunAsync(psql, [.. connection, .. commands], environment, _patience, CancellationToken.None);
        if (ended.ExitCode != 0)
        {
            throw new CannotRunException($"psql failed: {ended.Error}");
        }
    }

    private static async Task<bool> TryWriteAsync(FileStream file, ReadOnlyMemory<byte> piece)
    {
        try
        {
            await file.WriteAsync(piece);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
