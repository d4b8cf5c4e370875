using System.Diagnostics;
using System.Globalization;

namespace SignerCluster.Chaos.Cluster;

/// <summary>Sends signals, through the shell's own kill: the runner needs no native code.</summary>
internal static class Signals
{
    internal const string Stop = "STOP";
    internal const string Continue = "CONT";
    internal const string Terminate = "TERM";
    internal const string Kill = "KILL";

    /// <summary>Returns once the signal is sent; false when there is no such process.</summary>
    internal static async Task<bool> SendAsync(string signal, int pid)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {pid}")])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        })!;
        await shell.WaitForExitAsync(CancellationToken.None);
        return shell.ExitCode == 0;
    }
}
