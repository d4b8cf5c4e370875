using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace SignerCluster.Cluster.Tests;

/// <summary>The program as people run it, on a folder of its own that is stopped and removed in the end.</summary>
public sealed class Signer : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);
    private static readonly Dictionary<string, string> _nothing = [];
    private readonly string _folder;

    public Signer()
    {
        // Below the folder that the launcher clears when a run is broken off; the users that servers run as must be able to enter it.
        string place = Environment.GetEnvironmentVariable("SIGNER_TEST_FOLDER") is { Length: > 0 } given ? given : Path.GetTempPath();
        _folder = Path.Combine(place, $"cluster-{Guid.NewGuid():N}");
    }

    /// <summary>The folder of the cluster; it is there once something was started.</summary>
    public string Folder => _folder;

    private static string Repository { get; } = FindRepository();

    private static string Program { get; } = Path.Combine(Repository, "artifacts/bin/SignerCluster.Host", ConfigurationOfThis(), "signer.dll");

    private static string Workbench { get; } = Path.Combine(Repository, "artifacts/bin/SignerCluster.Workbench", ConfigurationOfThis(), "signer-workbench.dll");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await RunAsync("cluster", "down");
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Runs a verb to its end, <c>cluster</c> on the folder.</summary>
    public Task<(int Exit, string Output, string Errors)> RunAsync(params string[] words) => RunAsync(_nothing, words);

    /// <summary>As the other, with these variables.</summary>
    public async Task<(int Exit, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] words)
    {
        using Process process = Start(environment, words);
        try
        {
            // What it started must not hold its output open, or whoever reads that waits for ever.
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            await Task.WhenAll(errors, output, process.WaitForExitAsync()).WaitAsync(_patience);
            return (process.ExitCode, await output, await errors);
        }
        catch (TimeoutException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"signer {string.Join(' ', words)} did not end within {_patience}, or its output did not.", late);
        }
    }

    /// <summary>Runs a verb with <c>--json</c> that must succeed.</summary>
    public async Task<JsonElement> JsonAsync(params string[] words)
    {
        (int exit, string output, string errors) = await RunAsync([.. words, "--json"]);
        Assert.True(exit == 0, $"signer {string.Join(' ', words)} ended with {exit}: {output}{errors}");
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Starts a verb, <c>cluster</c> on the folder, and does not wait for it.</summary>
    public Process Start(params string[] words) => Start(_nothing, words);

    /// <summary>As the other, with these variables.</summary>
    public Process Start(IReadOnlyDictionary<string, string> environment, params string[] words)
    {
        // As the launcher does.
        string[] started = words switch
        {
            ["cluster", ..] => [Workbench, .. words, "--data", _folder],
            ["bench", ..] or ["pki", "certificates", ..] => [Workbench, .. words],
            _ => [Program, .. words],
        };
        ProcessStartInfo start = new("dotnet", started)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>
    /// Id and command line, and the environment if wanted, of living processes that have the folder in their environment, command line or working directory.
    /// </summary>
    public IReadOnlyList<string> Running(bool withEnvironment = false)
    {
        List<string> found = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                string words = File.ReadAllText($"{process}/cmdline").Replace('\0', ' ');
                string place = File.ResolveLinkTarget($"{process}/cwd", returnFinalTarget: false)?.FullName ?? string.Empty;
                string environment = File.ReadAllText($"{process}/environ").Replace('\0', ' ');
                if (words.Contains(_folder, StringComparison.Ordinal) || place.StartsWith(_folder, StringComparison.Ordinal)
                    || environment.Contains(_folder, StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(process)}: {words}{(withEnvironment ? environment : string.Empty)}");
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is somebody else's.
            }
        }

        return found;
    }

    /// <summary>
    /// The first of twenty ports, for coordinators and participants, that are below those which outgoing connections get, as are those 2000 and 4000 above.
    /// </summary>
    public static int FreePorts()
    {
        while (true)
        {
            int first = RandomNumberGenerator.GetInt32(3_000, 12_000);
            if (Enumerable.Range(first, 20).All(static port => IsFree(port) && IsFree(port + 2_000) && IsFree(port + 4_000)))
            {
                return first;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using TcpListener listener = new(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SignerCluster.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not stand in their repository.");
    }

    private static string ConfigurationOfThis() => Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
}
