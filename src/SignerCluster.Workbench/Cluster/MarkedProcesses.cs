using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace SignerCluster.Workbench.Cluster;

/// <summary>
/// Running processes that are known by a variable in their environment. That finds what a pid file forgot, also what a half-finished start left, and
/// never somebody else's process that got an old number.
/// </summary>
internal sealed class MarkedProcesses(string variable, string value)
{
    private const int NoSuchProcess = 3;
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(50);
    private readonly byte[] _entry = Encoding.UTF8.GetBytes($"{variable}={value}");

    /// <summary>The ids of those that run now and that the caller may look at, ascending. The dead that nobody has buried do not count.</summary>
    internal IReadOnlyList<int> Find()
    {
        List<int> found = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && IsMarked(folder))
            {
                found.Add(id);
            }
        }

        found.Sort();
        return found;
    }

    /// <summary>Is that process one of these, and alive?</summary>
    internal bool Contains(int id) => IsMarked($"/proc/{id}");

    /// <summary>
    /// Ends all of them: the first ones get the signal and the given time to end everything in order, then the rest is asked to and after two more seconds
    /// killed. Returns when none is left.
    /// </summary>
    internal async Task EndAsync(IEnumerable<int> first, PosixSignal signal, TimeSpan patience, CancellationToken cancellation)
    {
        int[] own = [.. first.Where(Contains)];
        Signal(own, signal);
        await WaitAsync(() => !own.Any(Contains), patience, cancellation);

        Signal(Find(), PosixSignal.SIGTERM);
        if (!await WaitAsync(() => Find().Count == 0, TimeSpan.FromSeconds(2), cancellation))
        {
            Signal(Find(), signal: null);
            await WaitAsync(() => Find().Count == 0, patience, cancellation);
        }
    }

    /// <summary>Does any living process have that folder as its working directory?</summary>
    internal static bool AnyWorksIn(string folder) => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ResolveLinkTarget($"{process}/cwd", returnFinalTarget: false)?.FullName == folder;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    /// <summary>Looks until it is so, or the time is over; returns whether it is so.</summary>
    internal static async Task<bool> WaitAsync(Func<bool> isSo, TimeSpan patience, CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > patience)
            {
                return false;
            }

            await Task.Delay(_between, cancellation);
        }

        return true;
    }

    private static void Signal(IReadOnlyList<int> ids, PosixSignal? signal)
    {
        int number = signal switch { PosixSignal.SIGINT => 2, PosixSignal.SIGTERM => 15, _ => 9 };
        foreach (int id in ids)
        {
            Send(id, number);
            // A stopped process acts on a signal only once it goes on.
            Send(id, 18);
        }
    }

    private static void Send(int id, int number)
    {
        if (Kill(id, number) != 0 && Marshal.GetLastPInvokeError() is not NoSuchProcess and int error)
        {
            throw new UnavailableException(
                "process_not_ours", $"Process {id} cannot be stopped: {Marshal.GetPInvokeErrorMessage(error)}. Run this as the user who started it.");
        }
    }

    private bool IsMarked(string folder)
    {
        try
        {
            ReadOnlySpan<byte> environment = File.ReadAllBytes($"{folder}/environ");
            foreach (Range entry in environment.Split((byte)0))
            {
                if (environment[entry].SequenceEqual(_entry))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
