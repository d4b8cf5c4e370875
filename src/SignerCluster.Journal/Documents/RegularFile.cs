using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using SignerCluster.Journal.Providers;

namespace SignerCluster.Journal.Documents;

/// <summary>Reads a file that others write, and waits for nobody: what is no regular file, such as a pipe, is refused before it is opened.</summary>
public static class RegularFile
{
    /// <summary>
    /// What the path leads to, over links too: the whole of it, or one byte more than <paramref name="maximumBytes"/> where it is longer. Throws
    /// <see cref="FileNotFoundException"/> when nothing is there, and <see cref="IOException"/> for anything else that keeps it from being read.
    /// </summary>
    public static ReadOnlyMemory<byte> Read(string path, int maximumBytes)
    {
        try
        {
            // Looked at before it is opened, since to open a device is to use it; and again afterwards, since it may have been exchanged.
            Demand(path, FileStatus.Of(path));
            using SafeFileHandle handle = FileStatus.Open(path);
            Demand(path, FileStatus.Of(handle));
            // One byte more than there is shows a file that grows.
            byte[] content = new byte[Math.Min(RandomAccess.GetLength(handle), maximumBytes) + 1];
            int length = 0;
            while (length < content.Length && RandomAccess.Read(handle, content.AsSpan(length), length) is > 0 and int read)
            {
                length += read;
            }

            return content.AsMemory(0, length);
        }
        catch (Win32Exception fault)
        {
            throw fault.NativeErrorCode is LibC.NoEntry or LibC.NotADirectory
                ? new FileNotFoundException($"{path} is not there.", path, fault)
                : new IOException($"{path} cannot be read: {fault.Message}.", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new IOException($"{path} cannot be read: {fault.Message}", fault);
        }
    }

    private static void Demand(string path, FileStatus status)
    {
        if (!status.IsRegular)
        {
            throw new IOException($"{path} is not a regular file.");
        }
    }
}
