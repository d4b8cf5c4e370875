using System.Text;

namespace SignerCluster.Host.Settings.Hocon;

/// <summary>A file with the files that led to it.</summary>
/// <param name="Path">As it was named; for an included file, after the folder of the one that includes it.</param>
internal sealed record HoconFile(string Path, string Text, HoconFile? IncludedBy)
{
    private const int MaximumBytes = 1024 * 1024;
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Throws <see cref="SettingsException"/> when it cannot be read, is longer than 1 MiB or is not UTF-8.</summary>
    internal static HoconFile Read(string path) =>
        Read(path, includedBy: null, rule => new SettingsException(new SettingsError(path, 1, string.Empty, rule)));

    /// <summary>A file that this one includes; null when it is not there and need not be.</summary>
    internal HoconFile? Include(string name, bool isRequired, HoconCursor at)
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? string.Empty, name);
        if (!isRequired && !System.IO.Path.Exists(path))
        {
            return null;
        }

        string full = System.IO.Path.GetFullPath(path);
        for (HoconFile? file = this; file is not null; file = file.IncludedBy)
        {
            if (System.IO.Path.GetFullPath(file.Path) == full)
            {
                throw at.Error($"{path} includes itself, directly or through others.");
            }
        }

        return Read(path, this, at.Error);
    }

    private static HoconFile Read(string path, HoconFile? includedBy, Func<string, SettingsException> error)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] content = new byte[MaximumBytes + 1];
            int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return length <= MaximumBytes
                ? new HoconFile(path, _utf8.GetString(content, 0, length), includedBy)
                : throw error($"{path} is longer than {MaximumBytes} bytes.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw error($"{path} cannot be read: {fault.Message}");
        }
        catch (DecoderFallbackException)
        {
            throw error($"{path} is not UTF-8.");
        }
    }
}
