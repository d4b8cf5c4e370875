using System.Globalization;

namespace SignerCluster.Host;

/// <summary>The files that this process may have open. Without enough of them the runtime itself breaks down, at places that nobody can foresee.</summary>
internal static class OpenFiles
{
    // The runtime keeps its assemblies open: a cluster of three participants in one process has about 310 files, and five more for each further one.
    private const int Needed = 512;

    /// <summary>
    /// Says that there are too few. Written by hand, as an error of the terminal looks, because what the terminal is made of could not be loaded any more.
    /// </summary>
    internal static bool AreTooFew(bool json)
    {
        if (Allowed() is not < Needed)
        {
            return false;
        }

        const string code = "open_files_limit";
        string message = $"This process may not have the open files that it needs, which are at least {Needed}. Raise the limit with: ulimit -n {Needed}";
        if (json)
        {
            Console.Out.WriteLine($$$"""{"error":{"code":"{{{code}}}","class":"{{{Failure.UsageClass}}}","message":"{{{message}}}"}}""");
        }
        else
        {
            Console.Error.WriteLine($"{code} ({Failure.UsageClass}): {message}");
        }

        return true;
    }

    private static int? Allowed()
    {
        const string row = "Max open files";
        try
        {
            string? limit = File.ReadLines("/proc/self/limits").FirstOrDefault(static line => line.StartsWith(row, StringComparison.Ordinal));
            string? soft = limit?[row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int files) ? files : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // Where the limit cannot be known, it is not judged.
            return null;
        }
        catch (IOException)
        {
            // Not even this file can be opened any more.
            return 0;
        }
    }
}
