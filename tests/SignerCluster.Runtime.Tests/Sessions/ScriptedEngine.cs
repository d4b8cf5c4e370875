using System.Threading.Channels;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>An engine whose every ask a test answers itself.</summary>
internal sealed class ScriptedEngine : IEngine
{
    private readonly Channel<Ask> _asks = Channel.CreateUnbounded<Ask>();
    private int _count;

    /// <summary>Asks that arrived so far.</summary>
    internal int Count => Volatile.Read(ref _count);

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        Ask ask = new(to, request.ToArray());
        Interlocked.Increment(ref _count);
        Assert.True(_asks.Writer.TryWrite(ask));
        return await ask.Reply.Task.WaitAsync(cancellation);
    }

    /// <summary>The next ask, in the order of arrival.</summary>
    internal Task<Ask> NextAsync() => _asks.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    internal sealed record Ask(EntityId To, byte[] Request)
    {
        internal TaskCompletionSource<ReadOnlyMemory<byte>> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal IReadOnlyList<SeatRequest> Requests =>
            Message.TryDecode(Request, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out _)
                ? requests
                : throw new FormatException();

        internal CoordinatorCommand.SeatAnswered Report =>
            Message.TryDecode(Request, WireJson.Default.CoordinatorCommand, out CoordinatorCommand? command, out _)
                ? (CoordinatorCommand.SeatAnswered)command
                : throw new FormatException();

        internal void Lose() => Reply.SetException(new EngineException("unroutable", "The message was lost.", isTransient: true));

        internal void Answer(params IReadOnlyList<SeatAnswer> answers) => Reply.SetResult(Message.Encode(answers, WireJson.Default.IReadOnlyListSeatAnswer));

        internal void Answer(CoordinatorAnswer answer) => Reply.SetResult(Message.Encode(answer, WireJson.Default.CoordinatorAnswer));
    }
}
