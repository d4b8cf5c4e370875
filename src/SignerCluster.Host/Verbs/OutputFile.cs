namespace SignerCluster.Host.Verbs;

/// <summary>Writes result files that are wholly there or not at all.</summary>
internal static class OutputFile
{
    /// <summary>What stands for standard input or output instead of a file's name.</summary>
    internal const string StandardStream = "-";

    /// <summary>Replaces the file. Throws <see cref="UnavailableException"/> <c>out_unwritable</c>.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            Write(path, content);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException(
                "out_unwritable", $"--out: {path} cannot be written: {fault.Message} The signatures are recorded; ask again under the same id.");
        }
    }

    /// <summary>Replaces the file. Throws <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>; the file is as it was then.</summary>
    internal static void Write(string path, ReadOnlySpan<byte> content)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            throw;
        }
    }

    /// <summary>Throws before any work is done when the file's folder is not there.</summary>
    internal static void RequireFolder(string option, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder) || Directory.Exists(path))
        {
            throw new UsageException("out_invalid", $"{option}: {path} is not a file in a folder that exists.");
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // What could not be written cannot be removed either; the first fault is the one to report.
        }
    }
}
