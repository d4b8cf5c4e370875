using System.Diagnostics;

namespace SignerCluster.Workbench.Cluster;

/// <summary>
/// A process that goes on after the command that started it: in a session of its own, where no Ctrl-C reaches it, with a file for what it says.
/// </summary>
internal static class BackgroundProcess
{
    private const int TailLines = 15;

    /// <summary>
    /// Starts it with nothing but the given environment; its words are added to the log. The process is the caller's child until the caller ends.
    /// </summary>
    internal static Process Start(IReadOnlyList<string> words, IReadOnlyDictionary<string, string> environment, string workingDirectory, string log)
    {
        // The shell opens the log as the caller, and is the program itself from then on. Nothing of the caller's stays open, so whoever reads the
        // caller's output sees its end.
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec setsid \"$@\" </dev/null >>\"$0\" 2>&1", log, .. words]) { WorkingDirectory = workingDirectory };
        ProgramRun.Replace(start, environment);
        return ProgramRun.Start(start);
    }

    /// <summary>The last lines of a log, for a message.</summary>
    internal static string Tail(string log)
    {
        try
        {
            string[] lines = [.. File.ReadLines(log).Where(static line => !string.IsNullOrWhiteSpace(line)).TakeLast(TailLines)];
            return lines.Length == 0 ? $"It said nothing ({log} is empty)." : $"The end of {log}:\n{string.Join('\n', lines)}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"Its log cannot be read: {fault.Message}";
        }
    }
}
