using System.Globalization;
using SignerCluster.Chaos.Cluster;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>
/// Moves the wall clock of single processes with Debian's libfaketime, which a node loads before its own libraries. Monotonic time goes on as it does, as on
/// a machine whose clock an administrator sets.
/// </summary>
internal static class FakeClock
{
    private const string FileVariable = "FAKETIME_TIMESTAMP_FILE";

    /// <summary>
    /// The library, which is the one that SIGNER_FAKETIME_LIBRARY names where it names one; null where it is missing. The launcher looks in the same places.
    /// </summary>
    internal static string? Library { get; } = Candidates().FirstOrDefault(File.Exists);

    /// <summary>Why a scenario that moves clocks does not run without it.</summary>
    internal static CannotRunException Missing() => new("It needs libfaketime, which the launcher could not install. Type: sudo apt-get install libfaketime");

    /// <summary>Before the node starts: its clock can be moved from now on.</summary>
    internal static async Task PrepareAsync(NodeProcess node, string folder)
    {
        node.Environment["LD_PRELOAD"] = Library ?? throw Missing();
        node.Environment[FileVariable] = Path.Combine(folder, $"{node.Name}.clock");
        // Looked at once a second: each look opens the file.
        node.Environment["FAKETIME_CACHE_DURATION"] = "1";
        node.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        await SetAsync(node, TimeSpan.Zero);
    }

    internal static void Remove(NodeProcess node)
    {
        foreach (string name in (ReadOnlySpan<string>)["LD_PRELOAD", FileVariable, "FAKETIME_CACHE_DURATION", "FAKETIME_DONT_FAKE_MONOTONIC"])
        {
            node.Environment.Remove(name);
        }
    }

    internal static async Task SetAsync(NodeProcess node, TimeSpan offset)
    {
        // Replaced whole, because the process may read it at any moment.
        string file = node.Environment[FileVariable];
        await File.WriteAllTextAsync($"{file}.next", string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0;+0}\n"));
        File.Move($"{file}.next", file, overwrite: true);
    }

    private static IEnumerable<string> Candidates() => Environment.GetEnvironmentVariable("SIGNER_FAKETIME_LIBRARY") is { Length: > 0 } named
        ? [named]
        : ((string[])["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"])
            .Select(static folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"));
}
