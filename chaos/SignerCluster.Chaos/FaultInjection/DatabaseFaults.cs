using System.Globalization;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>Faults inside the database server: its disk is full, its settings make it slow.</summary>
internal sealed class DatabaseFaults(Deployment deployment)
{
    private const int PieceBytes = 1 << 20;
    private readonly Psql _psql = new(deployment.Document.Servers.Postgres);

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

    private Task RunAsync(IReadOnlyList<string> statements) => _psql.RunAsync("postgres", [.. statements, "SELECT pg_reload_conf()"]);

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
