using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SignerCluster.Journal.Providers;

/// <summary>
/// A program that runs as the leader of its own session and process group, with a pipe as its output and nothing else of ours: its input and its errors
/// are <c>/dev/null</c>, every other descriptor is closed, signals are as a shell would leave them, the working directory is the root. Disposing kills
/// whatever is left of the group. The framework's Process can do none of that. Used by one thread.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const int Kill = 9;
    private static readonly TimeSpan _deathLimit = TimeSpan.FromSeconds(2);
    private readonly int _id;
    private readonly SafeFileHandle _output;
    private readonly SafeFileHandle _exit;
    private bool _reaped;

    private ChildProcess(int id, SafeFileHandle output)
    {
        _id = id;
        _output = output;
        _exit = LibC.ProcessDescriptor(id, 0);
        if (_exit.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            Dispose();
            throw new Win32Exception(error);
        }
    }

    /// <summary>
    /// Starts the program that the first argument names by its absolute path; no shell and no search are involved.
    /// Throws <see cref="Win32Exception"/> when the system does not start it.
    /// </summary>
    internal static ChildProcess Start(IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        (SafeFileHandle output, SafeFileHandle childsOutput) = ProcessSpawn.Pipe();
        using (childsOutput)
        {
            try
            {
                return new ChildProcess(ProcessSpawn.Run(arguments, environment, childsOutput), output);
            }
            catch (Win32Exception)
            {
                output.Dispose();
                throw;
            }
        }
    }

    /// <summary>Reads until every writer has closed the output, or the memory is full: the number of bytes. Null when woken before that.</summary>
    internal int? ReadOutput(Span<byte> destination, WakeUp stop)
    {
        int length = 0;
        while (length < destination.Length)
        {
            if (!stop.TryWaitFor(_output))
            {
                return null;
            }

            int read = Read(destination[length..]);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return length;
    }

    /// <summary>Waits until the program has ended, and then kills what it left behind in its group. Null when woken before that.</summary>
    internal ExitStatus? WaitForExit(WakeUp stop)
    {
        if (!stop.TryWaitFor(_exit))
        {
            return null;
        }

        KillGroup();
        return Reap();
    }

    public void Dispose()
    {
        if (!_reaped)
        {
            KillGroup();
            if (_exit.IsInvalid || WakeUp.TryWaitFor(_exit, _deathLimit))
            {
                Reap();
            }
            else
            {
                // The kernel has it in its hands (a dead network file system, say). It dies when it comes back, and nobody waits for that.
                new Thread(() => Reap()) { IsBackground = true }.Start();
            }
        }

        _output.Dispose();
        _exit.Dispose();
    }

    // The framework's own reading of pipes goes through streams and their buffers.
    private int Read(Span<byte> destination)
    {
        nint read;
        while ((read = LibC.Read(_output, ref MemoryMarshal.GetReference(destination), destination.Length)) < 0)
        {
            WakeUp.ThrowUnlessInterrupted();
        }

        return (int)read;
    }

    // Only while the leader is not reaped: until then its number, which is also the group's, cannot be given to anyone else.
    private void KillGroup() => _ = LibC.Kill(-_id, Kill);

    private ExitStatus Reap()
    {
        int waited;
        int status;
        do
        {
            waited = LibC.Wait(_id, out status, 0);
        }
        while (waited < 0 && Marshal.GetLastPInvokeError() == LibC.Interrupted);

        _reaped = true;
        return waited == _id ? ExitStatus.Of(status) : ExitStatus.Lost;
    }
}

/// <summary>How a program ended.</summary>
internal readonly record struct ExitStatus
{
    private readonly string? _description;

    private ExitStatus(string? description) => _description = description;

    /// <summary>Nobody can tell, because somebody else has taken the status (this process was started with SIGCHLD ignored, say).</summary>
    internal static ExitStatus Lost => new("ended in a way that the system did not report");

    internal bool IsSuccess => _description is null;

    internal static ExitStatus Of(int waitStatus) => (Signal: waitStatus & 0x7F, Code: (waitStatus >> 8) & 0xFF) switch
    {
        (0, 0) => default,
        (0, var code) => new($"ended with exit code {code}"),
        var (signal, _) => new($"was ended by signal {signal}"),
    };

    public override string ToString() => _description ?? "ended with exit code 0";
}
