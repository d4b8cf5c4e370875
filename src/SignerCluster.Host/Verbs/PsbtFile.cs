using System.CommandLine;

namespace SignerCluster.Host.Verbs;

/// <summary>A PSBT as a caller names it.</summary>
internal static class PsbtFile
{
    /// <summary>Enough for the base64 form of the longest PSBT that is taken.</summary>
    private const int MaximumBytes = 16 * 1024 * 1024;

    private const string Name = "--psbt";

    internal static Option<string?> Option(string description) => new(Name) { Description = description, HelpName = "FILE|-" };

    /// <summary>The content of a file, or of standard input for <c>-</c>. Throws <see cref="UsageException"/>.</summary>
    internal static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            await using Stream source = path == OutputFile.StandardStream ? Console.OpenStandardInput() : File.OpenRead(path);
            byte[] content = new byte[MaximumBytes + 1];
            int length = await source.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation);
            return length <= MaximumBytes
                ? content[..length]
                : throw new UsageException("psbt_too_large", $"{Name}: {path} is longer than {MaximumBytes} bytes.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("psbt_unreadable", $"{Name}: {path} cannot be read: {fault.Message}");
        }
    }
}
