using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SignerCluster.Journal.Providers;

/// <summary>The call of posix_spawn, with the memory that it needs.</summary>
internal static class ProcessSpawn
{
    private const int CloseOnExec = 0x80000;
    private const int WriteOnly = 1;
    private const short NewSession = 0x80;
    private const short DefaultSignals = 0x04;
    private const short SignalMask = 0x08;

    // More than any libc needs for one of its opaque structures (glibc: 80, 336 and 128 bytes).
    private const int OpaqueBytes = 1024;

    internal static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        int[] ends = new int[2];
        return LibC.Pipe(ends, CloseOnExec) == 0
            ? (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true))
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Starts the program and returns its process id, once it runs under its own name. Throws <see cref="Win32Exception"/>.</summary>
    internal static int Run(IReadOnlyList<string> arguments, IReadOnlyList<string> environment, SafeFileHandle output)
    {
        byte[] actions = new byte[OpaqueBytes];
        byte[] attributes = new byte[OpaqueBytes];
        nint[] nativeArguments = Native(arguments);
        nint[] nativeEnvironment = Native(environment);
        Check(LibC.ActionsInit(actions));
        try
        {
            SetDescriptors(actions, output.DangerousGetHandle().ToInt32());
            SetSignals(attributes);
            Check(LibC.Spawn(out int id, arguments[0], actions, attributes, nativeArguments, nativeEnvironment));
            return id;
        }
        finally
        {
            _ = LibC.ActionsDestroy(actions);
            Free(nativeArguments);
            Free(nativeEnvironment);
        }
    }

    private static void SetDescriptors(byte[] actions, int output)
    {
        // The output first: if we ourselves were started with a standard descriptor closed, the pipe may have its number.
        Check(LibC.ActionsDuplicate(actions, output, 1));
        Check(LibC.ActionsOpen(actions, 0, "/dev/null", flags: 0, mode: 0));
        Check(LibC.ActionsOpen(actions, 2, "/dev/null", WriteOnly, mode: 0));
        Check(LibC.ActionsCloseFrom(actions, 3));
        Check(LibC.ActionsChangeDirectory(actions, "/"));
    }

    // An empty mask (that of fresh attributes) and no signal ignored: the runtime ignores SIGPIPE, and a program would inherit that.
    private static void SetSignals(byte[] attributes)
    {
        byte[] all = new byte[OpaqueBytes];
        Check(LibC.AttributesInit(attributes));
        Check(LibC.AllSignals(all));
        Check(LibC.AttributesSetDefaultSignals(attributes, all));
        Check(LibC.AttributesSetFlags(attributes, NewSession | DefaultSignals | SignalMask));
    }

    private static nint[] Native(IReadOnlyList<string> texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];

    private static void Free(nint[] texts) => Array.ForEach(texts, Marshal.FreeCoTaskMem);

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }
}
