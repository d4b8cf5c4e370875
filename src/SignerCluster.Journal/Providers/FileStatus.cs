using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SignerCluster.Journal.Providers;

/// <summary>Whose file it is, of which kind, and who may touch it: what the framework does not tell of an open file.</summary>
internal readonly record struct FileStatus(bool IsRegular, bool IsOwn, UnixFileMode Permissions)
{
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int PermissionMask = 0xFFF;

    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    /// <summary>Of what the path leads to. Throws <see cref="Win32Exception"/>.</summary>
    internal static FileStatus Of(string path) => Read(CurrentDirectory, path, flags: 0);

    /// <summary>Of an open file. Throws <see cref="Win32Exception"/>.</summary>
    internal static FileStatus Of(SafeFileHandle handle) => Read(handle.DangerousGetHandle().ToInt32(), string.Empty, EmptyPath);

    /// <summary>Opens for reading and waits for nobody, not even when it is a pipe. Throws <see cref="Win32Exception"/>.</summary>
    internal static SafeFileHandle Open(string path)
    {
        int descriptor = LibC.Open(path, NoControllingTerminal | NonBlocking | CloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    private static FileStatus Read(int descriptor, string path, int flags)
    {
        if (LibC.StatX(descriptor, path, flags, TypeModeAndOwner, out LibC.Status status) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        return new FileStatus((status.Mode & TypeMask) == Regular, status.Owner == LibC.EffectiveUser(), (UnixFileMode)(status.Mode & PermissionMask));
    }
}
