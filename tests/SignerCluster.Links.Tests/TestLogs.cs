using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SignerCluster.Links.Tests;

/// <summary>Keeps every line that is logged.</summary>
internal sealed class TestLogs : ILoggerFactory
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public int Count(string part) => _lines.Count(line => line.Contains(part, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) => new KeptLog(_lines);

    public void AddProvider(ILoggerProvider provider)
    {
        // All lines go here.
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private sealed class KeptLog(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
