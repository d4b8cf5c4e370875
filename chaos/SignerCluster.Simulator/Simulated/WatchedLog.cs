using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A node's log. X0: the product has no reason to log an error in any world.</summary>
internal sealed class WatchedLog(World world, Incarnation life) : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => NullLogger.Instance.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && life.IsAlive)
        {
            world.Findings.Report("X0", $"{life.Name} logged: {formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
