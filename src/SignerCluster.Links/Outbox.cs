using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>What waits to be sent on one stream. One write runs at a time; what comes meanwhile travels together in the next.</summary>
/// <param name="capacity">How many frames may wait.</param>
/// <param name="written">Told how many frames that hold a place in a window have been handed to the transport.</param>
internal sealed class Outbox(int capacity, Action<int>? written = null)
{
    private readonly Channel<Outgoing> _queue =
        Channel.CreateBounded<Outgoing>(new BoundedChannelOptions(capacity + 1) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <returns>False when the outbox is full or completed: the frame will not be sent.</returns>
    internal bool TryAdd(Outgoing frame) => _queue.Writer.TryWrite(frame);

    /// <summary>Nothing is taken any more; what waits is still sent.</summary>
    internal void Complete() => _queue.Writer.TryComplete();

    /// <summary>Sends until the outbox is completed and empty, or the stream breaks.</summary>
    internal async Task SendAsync(IAsyncStreamWriter<Parcel> stream, CancellationToken cancellation)
    {
        Parcel parcel = new();
        while (await _queue.Reader.WaitToReadAsync(cancellation))
        {
            int places = Fill(parcel);
            await stream.WriteAsync(parcel, cancellation);
            if (places > 0)
                written?.Invoke(places);
            parcel.Numbers.Clear();
            parcel.Payloads.Clear();
            parcel.Unanswered.Clear();
            parcel.Traces.Clear();
        }
    }

    private int Fill(Parcel parcel)
    {
        int places = 0;
        for (int bytes = 0; bytes < LinkLimits.ParcelBytes && _queue.Reader.TryPeek(out Outgoing next) && HasRoom(bytes, next); bytes += next.Bytes)
        {
            _queue.Reader.TryRead(out _);
            places += next.HoldsPlace ? 1 : 0;
            Add(parcel, next);
        }

        return places;
    }

    private static bool HasRoom(int bytes, Outgoing next) => bytes == 0 || bytes + next.Bytes <= LinkLimits.ParcelBytes;

    private static void Add(Parcel parcel, Outgoing frame)
    {
        if (frame.IsGoodbye)
        {
            parcel.Goodbye = true;
        }
        else if (frame.Payload is { } payload)
        {
            parcel.Numbers.Add(frame.Number);
            parcel.Payloads.Add(UnsafeByteOperations.UnsafeWrap(payload));
            if (frame.Trace is { } trace)
                AddTrace(parcel, trace);
        }
        else
        {
            parcel.Unanswered.Add(frame.Number);
        }
    }

    private static void AddTrace(Parcel parcel, string trace)
    {
        while (parcel.Traces.Count < parcel.Numbers.Count - 1)
            parcel.Traces.Add(ByteString.Empty);
        parcel.Traces.Add(ByteString.CopyFromUtf8(trace));
    }
}

/// <summary>One request or answer; without a payload the word that there will be no answer; without a number, which begin at 1, the goodbye.</summary>
internal readonly record struct Outgoing(ulong Number, ReadOnlyMemory<byte>? Payload, bool HoldsPlace = true)
{
    // What a frame takes beside its payload, rounded up: a number, a tag and a length.
    private const int Overhead = 16;

    internal static Outgoing Goodbye => default;

    /// <summary>The span that a request is asked in; null for none.</summary>
    internal string? Trace { get; init; }

    internal bool IsGoodbye => Number == 0;

    internal int Bytes => Overhead + (Payload?.Length ?? 0) + (Trace?.Length ?? 0);
}
