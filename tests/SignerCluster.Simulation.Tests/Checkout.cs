namespace SignerCluster.Simulation.Tests;

/// <summary>The checkout that these tests were built in, and what its build left there.</summary>
internal static class Checkout
{
    internal const string Simulator = "SignerCluster.Simulator";

    // The last part of artifacts/bin/<project>/<configuration>.
    private static readonly string _configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    internal static string Root { get; } = Locate();

    /// <summary>The muxer that runs these tests, so that children run on the same runtime.</summary>
    internal static string Dotnet => (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH"), Environment.ProcessPath) switch
    {
        ({ Length: > 0 } host, _) => host,
        (_, { } self) when Path.GetFileNameWithoutExtension(self) == "dotnet" => self,
        _ => "dotnet",
    };

    internal static string PathOf(string relative) => Path.Combine(Root, relative);

    internal static string Output(string project) => PathOf($"artifacts/bin/{project}/{_configuration}");

    internal static string Objects(string project) => PathOf($"artifacts/obj/{project}/{_configuration}");

    private static string Locate()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SignerCluster.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"SignerCluster.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
