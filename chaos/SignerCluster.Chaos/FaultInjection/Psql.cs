using System.Globalization;
using SignerCluster.Chaos.Cluster;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>Statements to the database server, as its superuser.</summary>
internal sealed class Psql(PostgresServer server)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly string[] _places =
    [
        "/usr/bin/psql",
        .. Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(static folder => Path.Combine(folder, "bin", "psql"))
            : [],
    ];

    /// <summary>Returns what the statements print, without headings. Throws <see cref="CannotRunException"/>.</summary>
    internal async Task<string> RunAsync(string database, params IReadOnlyList<string> statements)
    {
        string psql = _places.FirstOrDefault(File.Exists) ?? throw new CannotRunException("psql is missing. Type: sudo apt-get install postgresql-client");
        string[] connection =
            [
                "-h", server.Host, "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-U", server.Superuser, "-d", database, "-v", "ON_ERROR_STOP=1",
                "-q", "-t", "-A",
            ];
        string[] commands = [.. statements.SelectMany(static statement => (string[])["-c", statement])];
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["PGPASSWORD"] = (await File.ReadAllTextAsync(server.PasswordFile)).Trim() };
        Ended ended = await Commands.RunAsync(psql, [.. connection, .. commands], environment, _patience, CancellationToken.None);
        return ended.ExitCode == 0 ? ended.Out.Trim() : throw new CannotRunException($"psql failed: {ended.Error}");
    }
}
