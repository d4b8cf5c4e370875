using Microsoft.Extensions.Logging.Console;

namespace SignerCluster.Host.Verbs;

/// <summary>What verbs that serve until they are stopped have alike.</summary>
internal static class LongRunning
{
    internal static async Task WaitAsync(CancellationToken stopping)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stopping.Register(stopped.SetResult))
        {
            await stopped.Task.WaitAsync(CancellationToken.None);
        }
    }

    /// <summary>One line an event, to standard error.</summary>
    internal static ILoggerFactory CreateLogs(LogLevel level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddSimpleConsole(static format =>
        {
            format.SingleLine = true;
            format.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            format.UseUtcTimestamp = true;
            format.ColorBehavior = Terminal.IsPlain(Console.IsErrorRedirected) ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Enabled;
        })
        .Services.Configure<ConsoleLoggerOptions>(static options => options.LogToStandardErrorThreshold = LogLevel.Trace));
}
