using System.Globalization;
using SignerCluster.Workbench.Cluster;

namespace SignerCluster.Workbench.Bench;

/// <summary>What the kernel says of processes.</summary>
internal static class ProcessFigures
{
    // USER_HZ, which Linux fixes at 100 for what it shows in /proc.
    private const double TickMs = 10;

    /// <summary>Memory that is really there, in MiB.</summary>
    internal static double ResidentMiB(int pid)
    {
        const string Field = "VmRSS:";
        string line = File.ReadLines($"/proc/{pid}/status").First(static line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line[Field.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), NumberStyles.None, CultureInfo.InvariantCulture)
            / 1024.0;
    }

    /// <summary>User and system time of a process and of the children that it has waited for, in milliseconds; 0 for one that is gone.</summary>
    internal static double CpuMs(int pid)
    {
        try
        {
            return CpuMs($"/proc/{pid}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>
    /// CPU time in milliseconds of the threads that compile often used code of a .NET process once more, by the thread's folder. They end when they are idle.
    /// </summary>
    internal static IReadOnlyDictionary<string, double> CompilersMs(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task").Where(IsCompiler).ToDictionary(static thread => thread, CpuMs);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return new Dictionary<string, double>();
        }
    }

    internal static IEnumerable<int> ChildrenOf(int parent) => Directory.EnumerateDirectories("/proc")
        .Select(static folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
        .Where(pid => pid != 0 && ParentOf(pid) == parent);

    // The kernel keeps 15 bytes of a thread's name, which is ".NET Tiered Compilation Worker".
    private static bool IsCompiler(string thread) => File.ReadAllText($"{thread}/comm").StartsWith(".NET Tiered", StringComparison.Ordinal);

    private static double CpuMs(string folder)
    {
        string[] fields = Fields(folder);
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * TickMs;
    }

    private static int ParentOf(int pid)
    {
        try
        {
            return int.Parse(Fields($"/proc/{pid}")[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>From the state on (proc(5)): the name before it may hold spaces.</summary>
    private static string[] Fields(string folder)
    {
        string stat = File.ReadAllText($"{folder}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }
}

/// <summary>CPU time of the processes of a cluster so far.</summary>
internal sealed record CpuFigures(double CoordinatorsMs, double ParticipantsMs, double PostgresMs)
{
    internal double NodesMs => CoordinatorsMs + ParticipantsMs;

    internal double TotalMs => NodesMs + PostgresMs;

    internal static CpuFigures Read(ClusterDocument cluster) => new(
        cluster.Nodes.Where(static node => node.Role == "coordinator").Sum(static node => ProcessFigures.CpuMs(node.Pid!.Value)),
        cluster.Nodes.Where(static node => node.Role == "participant").Sum(static node => ProcessFigures.CpuMs(node.Pid!.Value)),
        ProcessFigures.ChildrenOf(cluster.Servers.Postgres.Pid!.Value).Sum(ProcessFigures.CpuMs));

    public static CpuFigures operator -(CpuFigures after, CpuFigures before) => new(
        after.CoordinatorsMs - before.CoordinatorsMs,
        after.ParticipantsMs - before.ParticipantsMs,
        after.PostgresMs - before.PostgresMs);
}
