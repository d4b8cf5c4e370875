using Microsoft.Extensions.Logging;

namespace SignerCluster.Links;

/// <summary>The owner's logs for the libraries beneath: what they have to say below a warning is of no use to an operator.</summary>
internal sealed class QuietLogs(ILoggerFactory logs) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new QuietLog(logs.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider)
    {
        // The owner of the logs decides where they go.
    }

    public void Dispose()
    {
        // They are not ours.
    }

    private sealed class QuietLog(ILogger log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && log.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
