using System.Text.Json;

namespace SignerCluster.Chaos.Cluster;

/// <summary>The product as an operator has it: its launcher and its program; and the workbench, which makes the cluster.</summary>
internal sealed class Product
{
    internal const string LauncherVariable = "SIGNER_LAUNCHER";
    private const string ProgramPath = "artifacts/bin/SignerCluster.Host/release/signer.dll";
    private const string WorkbenchPath = "artifacts/bin/SignerCluster.Workbench/release/signer-workbench.dll";

    private Product(string root) => Root = root;

    /// <summary>The checkout.</summary>
    internal string Root { get; }

    internal string Launcher => Path.Combine(Root, "signer");

    /// <summary>The program that the launcher builds and runs.</summary>
    internal string Program => Path.Combine(Root, ProgramPath);

    internal string Scenarios => Path.Combine(Root, "chaos", "scenarios");

    /// <summary>Finds the checkout: beside the launcher that the environment names, or above this program. Throws <see cref="CannotRunException"/>.</summary>
    internal static Product Find()
    {
        if (Environment.GetEnvironmentVariable(LauncherVariable) is { Length: > 0 } launcher)
        {
            return new Product(Path.GetDirectoryName(Path.GetFullPath(launcher))!);
        }

        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "SignerCluster.sln")))
            {
                return new Product(directory.FullName);
            }
        }

        throw new CannotRunException(
            $"The checkout is in no folder above {AppContext.BaseDirectory}. Set {LauncherVariable} to the path of its launcher, ./signer.");
    }

    /// <summary>Runs a verb of the launcher, which installs what it needs and builds what changed.</summary>
    internal Task<Ended> LaunchAsync(IReadOnlyList<string> words, TimeSpan patience, CancellationToken cancellation) =>
        Commands.RunAsync(Launcher, words, null, patience, cancellation);

    /// <summary>Runs a verb as the launcher does, with what it has built: <c>cluster</c> is the workbench's, every other one the program's.</summary>
    internal Task<Ended> RunAsync(
        IReadOnlyList<string> words, IReadOnlyDictionary<string, string>? environment, TimeSpan patience, CancellationToken cancellation)
    {
        string program = words[0] == "cluster" ? Path.Combine(Root, WorkbenchPath) : Program;
        if (!File.Exists(program))
        {
            throw new CannotRunException($"{program} is not there. Run ./signer {words[0]} once, which builds it.");
        }

        return Commands.RunAsync("dotnet", [program, .. words], environment, patience, cancellation);
    }

    /// <summary>A HOCON file as the JSON that the product understands it as. Throws <see cref="UsageException"/>.</summary>
    internal async Task<JsonElement> ReadHoconAsync(string path, CancellationToken cancellation)
    {
        Ended shown = await RunAsync(["config", "show", path, "--any", "--json"], null, TimeSpan.FromSeconds(30), cancellation);
        if (shown.ExitCode != 0)
        {
            throw new UsageException($"{path} is not HOCON that signer config show reads: {shown.Out}{shown.Error}");
        }

        using JsonDocument document = JsonDocument.Parse(shown.Out);
        return document.RootElement.Clone();
    }
}
