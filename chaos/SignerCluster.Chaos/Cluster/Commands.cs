using System.Diagnostics;

namespace SignerCluster.Chaos.Cluster;

/// <summary>What a program left behind.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error);

/// <summary>Could not be run, through no fault of the cluster: a tool is missing, a server did not start.</summary>
internal sealed class CannotRunException : Exception
{
    public CannotRunException()
    {
    }

    public CannotRunException(string message)
        : base(message)
    {
    }

    public CannotRunException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The command line or a scenario file is wrong.</summary>
internal sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>Runs programs to their end.</summary>
internal static class Commands
{
    /// <summary>
    /// Runs a program; kills it with its children when it is cancelled or takes longer. Throws <see cref="CannotRunException"/> for one that cannot be started
    /// or takes too long.
    /// </summary>
    internal static async Task<Ended> RunAsync(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        TimeSpan patience,
        CancellationToken cancellation,
        string? input = null)
    {
        ProcessStartInfo start =
            new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using Process process = Start(start);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException slow)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new CannotRunException($"{program} {string.Join(' ', arguments)} did not end in {patience.TotalSeconds:0} s.", slow);
        }

        // What it started in the background may hold its output open.
        Task both = Task.WhenAll(output, error);
        await Task.WhenAny(both, Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None));
        return new Ended(process.ExitCode, output.IsCompleted ? await output : string.Empty, error.IsCompleted ? await error : string.Empty);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or FileNotFoundException)
        {
            throw new CannotRunException($"{start.FileName} cannot be started: {missing.Message}", missing);
        }
    }
}
