using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>What a node logged: by itself, and through Akka.</summary>
internal sealed class Lines : ILogger
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<string> _lines = [];

    internal int Count(string text) => _lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits for a line.</summary>
    internal async Task HasAsync(string text, int times = 1) =>
        await Eventually.IsTrueAsync(() => Count(text) >= times, _patience, () => $"Not logged: {text}\n{string.Join('\n', _lines)}");

    internal void Listen(ActorSystem system) => system.ActorOf(Props.CreateBy(new Produced<Ear>(() => new Ear(_lines))), "ear");

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    public bool IsEnabled(LogLevel logLevel) => true;

    [SuppressMessage("Design", "MA0099", Justification = "Scopes say nothing here.")]
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    private sealed class Ear(ConcurrentQueue<string> lines) : UntypedActor
    {
        protected override void PreStart()
        {
            foreach (Type level in (Type[])[typeof(Debug), typeof(Warning), typeof(Error)])
            {
                Context.System.EventStream.Subscribe(Self, level);
            }
        }

        protected override void OnReceive(object message) => lines.Enqueue($"{message}");
    }
}
