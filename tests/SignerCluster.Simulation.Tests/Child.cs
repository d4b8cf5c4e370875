using System.Diagnostics;

namespace SignerCluster.Simulation.Tests;

/// <summary>What a child process left behind.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error);

/// <summary>Programs run to their end by the muxer that runs these tests.</summary>
internal static class Child
{
    /// <summary>
    /// Runs <c>dotnet exec ARGUMENTS</c>. Kills it with its children and throws <see cref="TimeoutException"/> when it outlives the watchdog.
    /// </summary>
    internal static async Task<Ended> RunAsync(string workingFolder, TimeSpan watchdog, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Checkout.Dotnet, ["exec", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingFolder,
        };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource tooLong = new(watchdog);
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(tooLong.Token);
        }
        catch (OperationCanceledException expired)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet exec {string.Join(' ', arguments)} did not end in {watchdog}. It said: {await output}{await error}", expired);
        }

        return new Ended(process.ExitCode, await output, await error);
    }
}
