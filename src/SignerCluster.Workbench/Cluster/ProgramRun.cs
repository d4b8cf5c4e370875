using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace SignerCluster.Workbench.Cluster;

/// <summary>Programs that are run to their end.</summary>
internal static class ProgramRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Runs a program with nothing but the given environment (the caller's own where null) and returns what it wrote to stdout. Throws
    /// <see cref="UnavailableException"/> <c>server_failed</c> with what it said when it fails or takes longer than two minutes.
    /// </summary>
    internal static async Task<string> ToEndAsync(
        IReadOnlyList<string> words, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellation, string? input = null)
    {
        ProcessStartInfo start = new(words[0], words.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        Replace(start, environment);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_patience);
        using Process process = Start(start);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), patience.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? await output : throw Failed(words, process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new UnavailableException("server_failed", $"{NameOf(words)} did not end within {_patience.TotalSeconds:0} s and was killed.");
        }
        finally
        {
            KillIfAlive(process);
        }
    }

    /// <summary>
    /// As <see cref="Process.Start(ProcessStartInfo)"/>. Throws <see cref="UnavailableException"/> <c>server_missing</c> when there is no such program.
    /// </summary>
    internal static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new UnavailableException("server_failed", $"{start.FileName} could not be started.");
        }
        catch (Win32Exception fault)
        {
            throw new UnavailableException("server_missing", $"{start.FileName} could not be started: {fault.Message}");
        }
    }

    /// <summary>Gives the program the given environment and nothing else; leaves it the caller's where null.</summary>
    internal static void Replace(ProcessStartInfo start, IReadOnlyDictionary<string, string>? environment)
    {
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach ((string name, string value) in environment)
            {
                start.Environment[name] = value;
            }
        }
    }

    private static UnavailableException Failed(IReadOnlyList<string> words, int exitCode, string output, string errors)
    {
        StringBuilder said = new(errors.Trim());
        if (said.Length == 0)
        {
            said.Append(output.Trim());
        }

        return new UnavailableException("server_failed", $"{NameOf(words)} ended with exit code {exitCode} and said: {said}");
    }

    /// <summary>The program itself, without the words that only say as whom it runs.</summary>
    private static string NameOf(IReadOnlyList<string> words) => words[0] == "setpriv" ? words[words.ToList().IndexOf("--") + 1] : words[0];

    private static void KillIfAlive(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
