using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SignerCluster.Workbench.Cluster;

/// <summary>What the private servers have in common: a marked process in the background that becomes ready, and that is ended with all it started.</summary>
internal sealed class PrivateServer(string name, string folder, string log)
{
    private const string Variable = "SIGNER_PRIVATE_SERVER";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly MarkedProcesses _processes = new(Variable, folder);

    /// <summary>All that a process of this server finds in its environment at first: nothing of the caller's.</summary>
    internal Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LANG"] = "C.UTF-8",
        ["HOME"] = folder,
        [Variable] = folder,
    };

    /// <summary>Is that a process of this server, and alive?</summary>
    internal bool Owns(int? id) => id is { } process && _processes.Contains(process);

    /// <summary>
    /// Starts the server and returns when it is ready. Throws <see cref="UnavailableException"/> <c>server_failed</c> with the end of its log when it
    /// ends or is not ready within two minutes; then, and when cancelled, nothing of it is left running.
    /// </summary>
    internal async Task StartAsync(IReadOnlyList<string> words, Func<bool> isReady, CancellationToken cancellation)
    {
        bool isStarted = false;
        using Process process = BackgroundProcess.Start(words, Environment, folder, log);
        try
        {
            isStarted = await MarkedProcesses.WaitAsync(() => process.HasExited || isReady(), _patience, cancellation) && !process.HasExited;
            if (!isStarted)
            {
                string end =
                    process.HasExited ? $"ended with exit code {process.ExitCode}" : $"was not ready within {_patience.TotalSeconds:0} s and was stopped";
                throw new UnavailableException("server_failed", $"{name} {end}. {BackgroundProcess.Tail(log)}");
            }
        }
        finally
        {
            if (!isStarted)
            {
                await EndAsync(null, PosixSignal.SIGTERM, CancellationToken.None);
            }
        }
    }

    /// <summary>Ends all processes of the server, the one with this id first and with this signal. Returns when none is left.</summary>
    internal Task EndAsync(int? id, PosixSignal signal, CancellationToken cancellation) =>
        _processes.EndAsync(id is { } first ? [first] : [], signal, _patience, cancellation);

    /// <summary>Throws <see cref="UnavailableException"/> <c>port_taken</c> when somebody else listens where this server is known to be.</summary>
    internal void DemandFree(params ReadOnlySpan<int> ports)
    {
        foreach (int port in ports)
        {
            if (!FreePort.IsFree(port))
            {
                throw new UnavailableException(
                    "port_taken", $"{name} has the port {port} of 127.0.0.1, and another program listens there now. Stop that program.");
            }
        }
    }
}
