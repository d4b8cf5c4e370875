namespace SignerCluster.Workbench.Cluster;

/// <summary>The repository that this program was built from: its configuration files and the default folder of a cluster are there.</summary>
internal static class RepositoryFolder
{
    /// <summary>Throws <see cref="UsageException"/> <c>repository_missing</c> when the program does not stand below one.</summary>
    internal static string Find()
    {
        for (DirectoryInfo? step = new(AppContext.BaseDirectory); step is not null; step = step.Parent)
        {
            if (File.Exists(Path.Join(step.FullName, "SignerCluster.sln")))
            {
                return step.FullName;
            }
        }

        throw new UsageException(
            "repository_missing", $"The program in {AppContext.BaseDirectory} does not stand in its repository, which this verb needs. Run ./signer there.");
    }
}
