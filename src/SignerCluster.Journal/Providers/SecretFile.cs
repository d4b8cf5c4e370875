using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Journal.Providers;

/// <summary>
/// Reads a regular file that belongs to the user of this process and that nobody else may touch. A symbolic link is followed, because that is how
/// orchestrators mount secrets, and because every rule is held against the opened file itself: a link can only lead to another file of ours that is as
/// private.
/// </summary>
public static class SecretFile
{
    public const string Exposed = "key_file_exposed";
    public const string Invalid = "key_invalid";
    public const string Unavailable = "key_unavailable";

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    /// <summary>
    /// Reads into memory that the caller owns and zeroes. Returns how many bytes there were; memory that is full means that there may be more.
    /// Throws <see cref="DataDirectoryException"/> with one of the codes above; its message says what to do, where that is the same for every secret.
    /// </summary>
    public static int Read(string path, Span<byte> destination)
    {
        try
        {
            // Looked at before it is opened, since to open a device or a pipe is to use it; and again afterwards, since it may have been exchanged.
            Demand(path, FileStatus.Of(path));
            using SafeFileHandle handle = FileStatus.Open(path);
            Demand(path, FileStatus.Of(handle));
            return ReadAll(handle, destination);
        }
        catch (Win32Exception fault)
        {
            bool isTransient = fault.NativeErrorCode is not (LibC.NoEntry or LibC.AccessDenied or LibC.NotADirectory or LibC.TooManyLinks);
            throw new DataDirectoryException(Unavailable, $"The key file {path} cannot be read: {fault.Message}.", isTransient, fault);
        }
        catch (IOException fault)
        {
            throw new DataDirectoryException(Unavailable, $"The key file {path} cannot be read: {fault.Message}", isTransient: true, fault);
        }
    }

    private static void Demand(string path, FileStatus status)
    {
        if (!status.IsRegular)
        {
            throw new DataDirectoryException(Invalid, $"{path} is not a regular file.", isTransient: false);
        }

        if (!status.IsOwn)
        {
            throw new DataDirectoryException(
                Exposed, $"{path} belongs to another user, who may read it. Give it to the user of this process.", isTransient: false);
        }

        if ((status.Permissions & Others) != UnixFileMode.None)
        {
            throw new DataDirectoryException(Exposed, $"{path} may be read by others. Run: chmod 600 {path}", isTransient: false);
        }
    }

    private static int ReadAll(SafeFileHandle handle, Span<byte> destination)
    {
        int length = 0;
        while (length < destination.Length && RandomAccess.Read(handle, destination[length..], length) is > 0 and int read)
        {
            length += read;
        }

        return length;
    }
}
