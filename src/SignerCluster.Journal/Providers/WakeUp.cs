using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SignerCluster.Journal.Providers;

/// <summary>A flag that ends waiting for a descriptor; once raised it stays so.</summary>
internal sealed class WakeUp : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const short Readable = 1;
    private readonly SafeFileHandle _event = LibC.EventDescriptor(0, CloseOnExec);

    /// <summary>Throws <see cref="Win32Exception"/> when the process has no descriptor left.</summary>
    internal WakeUp()
    {
        if (_event.IsInvalid)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    internal void Raise() => _ = LibC.WriteEvent(_event, 1UL, sizeof(ulong));

    /// <summary>Waits until the descriptor has something to read or its other side is closed; false when the flag was raised first, or is raised too.</summary>
    internal bool TryWaitFor(SafeFileHandle descriptor)
    {
        LibC.Polled[] both = [Polled(_event), Polled(descriptor)];
        while (LibC.Poll(both, 2, Timeout.Infinite) < 0)
        {
            ThrowUnlessInterrupted();
        }

        return both[0].Found == 0;
    }

    /// <summary>Waits for the descriptor alone, and not for ever; false when it stayed silent.</summary>
    internal static bool TryWaitFor(SafeFileHandle descriptor, TimeSpan limit)
    {
        LibC.Polled[] one = [Polled(descriptor)];
        int found;
        while ((found = LibC.Poll(one, 1, (int)limit.TotalMilliseconds)) < 0)
        {
            ThrowUnlessInterrupted();
        }

        return found > 0;
    }

    /// <summary>For a system call that has just failed.</summary>
    internal static void ThrowUnlessInterrupted()
    {
        int error = Marshal.GetLastPInvokeError();
        if (error != LibC.Interrupted)
        {
            throw new Win32Exception(error);
        }
    }

    public void Dispose() => _event.Dispose();

    private static LibC.Polled Polled(SafeFileHandle descriptor) => new() { Descriptor = descriptor.DangerousGetHandle().ToInt32(), Wanted = Readable };
}
