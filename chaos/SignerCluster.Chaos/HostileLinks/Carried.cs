using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using SignerCluster.Chaos.HostileLinks.Wire;

namespace SignerCluster.Chaos.HostileLinks;

/// <summary>How often a man in the middle does what to a frame, each 0..1.</summary>
internal sealed record Tampering(double Alter, double Drop, double Repeat, double Delay);

/// <summary>What a hostile link carries, remembers, and does to it.</summary>
internal sealed class Carried(int seed)
{
    private const int Capacity = 20_000;

    // Far above what the coordinator counts to: an answer to a replay is known by its number and goes no further.
    private const ulong FirstReplay = 1UL << 48;
    private static readonly TimeSpan _longestDelay = TimeSpan.FromMilliseconds(400);
    private readonly ConcurrentQueue<ByteString> _requests = new();
    private readonly ConcurrentQueue<ByteString> _answers = new();
    private readonly ConcurrentDictionary<Passage, bool> _open = new();
    private readonly Random _random = new(seed);
    private volatile Tampering? _tampering;
    private volatile bool _isRecording;
    private long _tampered;

    /// <summary>Frames that were altered, dropped, repeated or delayed.</summary>
    internal long Tampered => Interlocked.Read(ref _tampered);

    internal int Recorded => _requests.Count;

    /// <summary>Begins to remember what passes.</summary>
    internal void Record() => _isRecording = true;

    /// <summary>From now on, does this to what passes; null: nothing.</summary>
    internal void Tamper(Tampering? tampering) => _tampering = tampering;

    /// <summary>
    /// Sends every request that is remembered again, to whatever node of the participant is connected now, under new numbers; and every answer as the answer to
    /// something else.
    /// </summary>
    internal async Task ReplayAsync(bool alter)
    {
        foreach (Passage passage in _open.Keys)
        {
            ulong number = FirstReplay;
            foreach (ByteString request in _requests)
            {
                await passage.SendAsync(isRequest: true, number++, alter ? Altered(request) : request);
            }

            foreach (ByteString answer in _answers)
            {
                await passage.AnswerSomethingAsync(alter ? Altered(answer) : answer);
            }
        }
    }

    internal Passage Open(IAsyncStreamWriter<Parcel> participant, IAsyncStreamWriter<Parcel> coordinator)
    {
        Passage passage = new(this, participant, coordinator);
        _open[passage] = true;
        return passage;
    }

    private ByteString Altered(ByteString frame)
    {
        byte[] bytes = frame.ToByteArray();
        if (bytes.Length == 0)
        {
            return ByteString.CopyFrom(1);
        }

        if (Next() < 0.2)
        {
            return ByteString.CopyFrom(bytes, 0, bytes.Length / 2);
        }

        bytes[(int)(Next() * bytes.Length)] ^= 0x10;
        return ByteString.CopyFrom(bytes);
    }

    private double Next()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }

    private void Remember(bool isRequest, ByteString frame)
    {
        ConcurrentQueue<ByteString> memory = isRequest ? _requests : _answers;
        if (_isRecording && memory.Count < Capacity)
        {
            memory.Enqueue(frame);
        }
    }

    /// <summary>One stream and the stream behind it.</summary>
    internal sealed class Passage(Carried carried, IAsyncStreamWriter<Parcel> participant, IAsyncStreamWriter<Parcel> coordinator) : IDisposable
    {
        private readonly SemaphoreSlim _toParticipant = new(1);
        private readonly SemaphoreSlim _toCoordinator = new(1);

        // Requests that the coordinator still waits for: the answer to one of them may be exchanged.
        private readonly ConcurrentDictionary<ulong, bool> _awaited = new();

        public void Dispose()
        {
            carried._open.TryRemove(this, out _);
        }

        /// <summary>Carries one direction until its stream ends or breaks.</summary>
        internal async Task CarryAsync(IAsyncStreamReader<Parcel> from, bool isRequest, CancellationToken cancellation)
        {
            try
            {
                while (await from.MoveNext(cancellation))
                {
                    await PassAsync(from.Current, isRequest);
                }
            }
            catch (Exception broken) when (broken is RpcException or IOException or InvalidOperationException or OperationCanceledException)
            {
                // The other direction ends with this one.
            }
        }

        internal Task SendAsync(bool isRequest, ulong number, ByteString frame)
        {
            Parcel parcel = new();
            parcel.Numbers.Add(number);
            parcel.Payloads.Add(frame);
            return WriteAsync(parcel, isRequest);
        }

        /// <summary>Gives a frame as the answer to some request that is waited for, if there is one.</summary>
        internal Task AnswerSomethingAsync(ByteString frame)
        {
            ulong some = _awaited.Keys.FirstOrDefault();
            return some != 0 && _awaited.TryRemove(some, out _) ? SendAsync(isRequest: false, some, frame) : Task.CompletedTask;
        }

        private async Task PassAsync(Parcel parcel, bool isRequest)
        {
            Parcel passed = new() { Goodbye = parcel.Goodbye };
            passed.Unanswered.Add(parcel.Unanswered.Where(static number => number < FirstReplay));
            for (int i = 0; i < parcel.Numbers.Count; i++)
            {
                Take(passed, parcel.Numbers[i], parcel.Payloads[i], isRequest);
            }

            if (passed.Numbers.Count + passed.Unanswered.Count > 0 || passed.Goodbye)
            {
                await WriteAsync(passed, isRequest);
            }
        }

        private void Take(Parcel passed, ulong number, ByteString frame, bool isRequest)
        {
            if (number >= FirstReplay)
            {
                return;
            }

            carried.Remember(isRequest, frame);
            if (isRequest)
            {
                _awaited[number] = true;
            }
            else if (!_awaited.TryRemove(number, out _))
            {
                // Answered already, by a frame of the past: the coordinator takes one answer to each request.
                return;
            }

            if (carried._tampering is not { } tampering)
            {
                Add(passed, number, frame);
                return;
            }

            double drawn = carried.Next();
            bool isTampered = drawn < tampering.Alter + tampering.Drop + tampering.Repeat + tampering.Delay;
            if (isTampered)
            {
                Interlocked.Increment(ref carried._tampered);
            }

            if (drawn < tampering.Alter)
            {
                Add(passed, number, carried.Altered(frame));
            }
            else if (drawn < tampering.Alter + tampering.Drop)
            {
                // Lost.
            }
            else if (drawn < tampering.Alter + tampering.Drop + tampering.Repeat)
            {
                Add(passed, number, frame);
                if (isRequest)
                {
                    Add(passed, FirstReplay + number, frame);
                }
            }
            else if (isTampered)
            {
                _ = LaterAsync(number, frame, isRequest);
            }
            else
            {
                Add(passed, number, frame);
            }
        }

        private async Task LaterAsync(ulong number, ByteString frame, bool isRequest)
        {
            await Task.Delay(_longestDelay * carried.Next());
            await SendAsync(isRequest, number, frame);
        }

        private static void Add(Parcel parcel, ulong number, ByteString frame)
        {
            parcel.Numbers.Add(number);
            parcel.Payloads.Add(frame);
        }

        private async Task WriteAsync(Parcel parcel, bool isRequest)
        {
            SemaphoreSlim turn = isRequest ? _toParticipant : _toCoordinator;
            await turn.WaitAsync();
            try
            {
                await (isRequest ? participant : coordinator).WriteAsync(parcel);
            }
            catch (Exception broken) when (broken is RpcException or IOException or InvalidOperationException or OperationCanceledException)
            {
                // The stream has ended; whoever carries it finds out.
            }
            finally
            {
                turn.Release();
            }
        }
    }
}
