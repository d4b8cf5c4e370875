using System.CommandLine;
using SignerCluster.Host.Verbs.Cluster;

namespace SignerCluster.Host.Verbs;

/// <summary><c>cluster</c>: a cluster of processes on this machine, for development, tests and chaos.</summary>
internal static class ClusterVerb
{
    internal static Command Create(Terminal terminal)
    {
        Option<string?> data = new("--data") { Description = "The folder of the cluster; artifacts/cluster of the repository where not given.", HelpName = "DIR" };
        return new Command("cluster", "A whole cluster of processes on this machine, with servers of its own.") { ServersVerb.Create(data, terminal) };
    }

    /// <summary>The folder that was named, or the repository's.</summary>
    internal static ClusterDirectory DirectoryOf(string? given) =>
        new(given is { Length: > 0 } ? given : Path.Join(RepositoryFolder.Find(), "artifacts", "cluster"));
}
