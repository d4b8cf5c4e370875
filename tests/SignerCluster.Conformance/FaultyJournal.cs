using System.Collections.Concurrent;
using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>What is to become of one append.</summary>
public enum Fate
{
    /// <summary>Nothing is written and the writer is told so.</summary>
    NotWritten,

    /// <summary>It is written, and the connection breaks before the writer learns that.</summary>
    UnknownAndWritten,

    /// <summary>It is not written, and the connection breaks before the writer learns that.</summary>
    UnknownAndNotWritten,
}

/// <summary>A journal whose appends can be scripted to fail, to wait, or to be overtaken. Keeps the port's rules: reads tell the truth at any time.</summary>
public sealed class FaultyJournal(IJournal inner) : IJournal
{
    private readonly IJournal _inner = inner;
    private readonly ConcurrentQueue<Func<JournalAppend, ValueTask<AppendOutcome>>> _script = new();
    private int _appends;
    private int _reads;
    private int _headReads;
    private bool _rivalAtWork;

    public FaultyJournal()
        : this(new MemoryJournal())
    {
    }

    /// <summary>What is stored in memory, for damaging it.</summary>
    public MemoryJournal Stored => (MemoryJournal)_inner;

    /// <summary>When set, every read fails.</summary>
    public bool IsUnreadable { get; set; }

    /// <summary>Appends that were asked for.</summary>
    public int Appends => Volatile.Read(ref _appends);

    /// <summary>Histories that were asked for.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>How often the number of the last row was asked for.</summary>
    public int HeadReads => Volatile.Read(ref _headReads);

    /// <summary>Where a history that was asked for waits before it is given; null for nowhere.</summary>
    public Gate? SlowHistory { get; set; }

    /// <summary>Where the question for the number of the last row waits before it is answered; null for nowhere.</summary>
    public Gate? SlowHead { get; set; }

    /// <summary>When set, every append without a fate of its own is definitely not written.</summary>
    public bool IsDown { get; set; }

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        Interlocked.Increment(ref _appends);
        if (!_rivalAtWork && _script.TryDequeue(out Func<JournalAppend, ValueTask<AppendOutcome>>? fate))
        {
            return fate(append);
        }

        return IsDown ? new(NotWritten()) : _inner.AppendAsync(append);
    }

    public async ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _reads);
        if (SlowHistory is { } gate)
        {
            await gate.WaitAsync();
        }

        return IsUnreadable ? throw Unreadable() : await _inner.ReadAsync(id, afterSequenceNumber, cancellation);
    }

    public async ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _headReads);
        if (SlowHead is { } gate)
        {
            await gate.WaitAsync();
        }

        return IsUnreadable ? throw Unreadable() : await _inner.ReadVersionAsync(id, cancellation);
    }

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => _inner.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => _inner.ListAsync(kind, cancellation);

    /// <summary>This becomes of the next append.</summary>
    public void Next(Fate fate) => _script.Enqueue(async append =>
    {
        if (fate == Fate.UnknownAndWritten)
        {
            Assert.IsType<AppendOutcome.Appended>(await _inner.AppendAsync(append));
        }

        return fate == Fate.NotWritten
            ? NotWritten()
            : new AppendOutcome.Unknown(new JournalException("connection_lost", "The connection broke during the commit.", isTransient: true));
    });

    /// <summary>What becomes of the next append is up to a function.</summary>
    public void Next(Func<JournalAppend, ValueTask<AppendOutcome>> fate) => _script.Enqueue(fate);

    /// <summary>The next append tells that it arrived and is carried out once it is released.</summary>
    public (Gate Arrived, Gate Release) HoldNext()
    {
        (Gate Arrived, Gate Release) held = (new("the append arrived"), new("the append is released"));
        _script.Enqueue(async append =>
        {
            held.Arrived.Open();
            await held.Release.WaitAsync();
            return await _inner.AppendAsync(append);
        });
        return held;
    }

    /// <summary>Before the next append is carried out, a rival does something, whose own appends have no script.</summary>
    public void OvertakeNext(Func<Task> rival) => _script.Enqueue(async append =>
    {
        _rivalAtWork = true;
        await rival();
        _rivalAtWork = false;
        return await _inner.AppendAsync(append);
    });

    /// <summary>The stored names of an entity's events.</summary>
    public async Task<string[]> ManifestsAsync(EntityId id) => [.. (await _inner.ReadAsync(id, 0, CancellationToken.None)).Select(static row => row.Manifest)];

    private static JournalException Unreadable() => new("storage_io_error", "The disk does not answer.", isTransient: true);

    private static AppendOutcome.NotWritten NotWritten() => new(new JournalException("disk_full", "The disk is full.", isTransient: true));
}
