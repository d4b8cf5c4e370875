namespace SignerCluster.Workbench.Cluster;

/// <summary>The signing executable, which the build puts beside this program.</summary>
internal static class SigningProgram
{
    // What a program needs to be found and to find its runtime and libraries; nothing else of the caller's reaches a node.
    private static readonly string[] _paths =
        ["PATH", "HOME", "LANG", "TMPDIR", "DOTNET_ROOT", "DOTNET_CLI_HOME", "LD_LIBRARY_PATH", "SIGNER_SECP256K1_LIBRARY"];

    /// <summary>The words that begin its command line.</summary>
    internal static IReadOnlyList<string> Words { get; } = ["dotnet", Path.Join(AppContext.BaseDirectory, "signer.dll")];

    /// <summary>A new copy of those of the caller's variables that say where things are.</summary>
    internal static Dictionary<string, string> Paths()
    {
        Dictionary<string, string> paths = new(StringComparer.Ordinal);
        foreach (string name in _paths)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                paths[name] = value;
            }
        }

        return paths;
    }
}
