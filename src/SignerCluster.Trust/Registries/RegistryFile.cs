using Microsoft.Extensions.Logging;
using SignerCluster.Protocol.CovenantJob;

namespace SignerCluster.Trust.Registries;

/// <summary>
/// A signed registry in a file that is read again every second. What cannot be used is not used from then on: no earlier registry stays in force in its place
/// (C6), and a good one is used as soon as it is read. Safe for use by many threads.
/// </summary>
public sealed partial class RegistryFile : IRegistry, IDisposable
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);

    /// <summary>A disk that keeps a reader waiting for this long is an outage too.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly RegistrySettings _settings;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<RegistryFile> _log;
    private readonly ITimer _timer;

    // Of the thread that looks, one at a time.
    private ReadOnlyMemory<byte>? _content;
    private SignedRegistry? _read;
    private RegistryFault? _fault;
    private SignedRegistry? _latest;

    private volatile Known? _known;
    private long _lookedAt;

    private RegistryFile(RegistrySettings settings, TimeProvider time, ILogger<RegistryFile> log)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaximumAge, TimeSpan.Zero);
        (_settings, _path, _time, _log) = (settings, Path.GetFullPath(settings.File), time, log);
        _timer = time.CreateTimer(static file => ((RegistryFile)file!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Reads the file for the first time. One that is not there, or that cannot be used, is an outage like a later one: this throws for settings only
    /// (<see cref="ArgumentException"/>: no path, or a negative age).
    /// </summary>
    /// <param name="time">The clock that ages are measured by, and that says when to look again.</param>
    public static RegistryFile Open(RegistrySettings settings, TimeProvider time, ILogger<RegistryFile> log)
    {
        RegistryFile file = new(settings, time, log);
        file.Look();
        return file;
    }

    /// <inheritdoc/>
    public RegistryFacts Ask(string reserve)
    {
        Known known = _known!;
        DateTimeOffset now = _time.GetUtcNow();
        if (known.Registry is null)
        {
            return Absent(known.Reason!, known.Since);
        }

        // Between two looks a registry grows old, and who looks may be kept waiting.
        TimeSpan silence = _time.GetElapsedTime(Volatile.Read(ref _lookedAt));
        if (silence > _patience)
        {
            return Absent(RegistryReason.Unreadable, now - silence);
        }

        if (known.Registry.WhyNot(_settings, now) is { Reason: var reason })
        {
            return Absent(reason, BeginOf(reason, known.Registry, now, known.Since));
        }

        return new RegistryFacts(
            reserve is not null && known.Registry.Reserves.TryGetValue(reserve, out ReserveRecord? record)
                ? new Reading<ReserveRecord>.Available(record)
                : new Reading<ReserveRecord>.Unknown(),
            known.Registry.Height is { } height ? new Reading<uint>.Available(height) : new Reading<uint>.Unknown());
    }

    public void Dispose() => _timer.Dispose();

    private static RegistryFacts Absent(string reason, DateTimeOffset since) =>
        new(new Reading<ReserveRecord>.Unavailable(reason, since), new Reading<uint>.Unavailable(reason, since));

    private void Look()
    {
        Read();
        DateTimeOffset now = _time.GetUtcNow();
        string? reason = _fault?.Reason ?? WhyNot(_read!, now);
        Known? before = _known;
        bool isSame = before is not null && before.Reason == reason;
        _known = reason is null
            ? new Known(_read, null, isSame ? before!.Since : now)
            : new Known(null, reason, isSame ? before!.Since : BeginOf(reason, before?.Registry, now, before?.Since ?? now));
        Volatile.Write(ref _lookedAt, _time.GetTimestamp());
        if (!isSame)
        {
            LogStanding(reason);
        }

        // One look at a time.
        _timer.Change(_pace, Timeout.InfiniteTimeSpan);
    }

    private void Read()
    {
        if (!SignedRegistry.TryReadFile(_path, out ReadOnlyMemory<byte> content, out RegistryFault? fault))
        {
            (_content, _read, _fault) = (null, null, fault);
            return;
        }

        // All of it is compared: a file that is written in place within one tick of its file system's clock has the stamps of the one before.
        if (_content is not { } last || !content.Span.SequenceEqual(last.Span))
        {
            _content = content;
            SignedRegistry.TryRead(content, _settings.Key, out _read, out _fault);
        }
    }

    /// <summary>Why the registry that was read is not used; where it is, no earlier one is used after it.</summary>
    private string? WhyNot(SignedRegistry registry, DateTimeOffset now)
    {
        RegistryFault? fault = registry.WhyNot(_settings, now);
        if (fault?.Reason is RegistryReason.NetworkMismatch or RegistryReason.FromTheFuture)
        {
            return fault.Reason;
        }

        // Of two that say different things of one second nobody can tell which was first.
        if (_latest is not null && (registry.AsOf < _latest.AsOf || (registry.AsOf == _latest.AsOf && registry.Digest != _latest.Digest)))
        {
            return RegistryReason.RolledBack;
        }

        _latest = registry;
        return fault?.Reason;
    }

    /// <summary>When a registry that was in use ceased to be: when it was too old, or now.</summary>
    private DateTimeOffset BeginOf(string reason, SignedRegistry? used, DateTimeOffset now, DateTimeOffset usedSince)
    {
        if (reason != RegistryReason.Stale || used?.WhyNot(_settings, now)?.Reason != RegistryReason.Stale)
        {
            return now;
        }

        DateTimeOffset end = DateTimeOffset.FromUnixTimeSeconds(used.AsOf) + _settings.MaximumAge;
        return end > usedSince ? end : usedSince;
    }

    private void LogStanding(string? reason)
    {
        if (reason is null)
        {
            LogUsed(_path, _read!.AsOf, _read.Reserves.Count);
        }
        else
        {
            LogNotUsed(_path, reason, RegistryReason.Advice(reason));
        }
    }

    /// <summary>What was seen at the last look.</summary>
    /// <param name="Registry">The one that is used; null for none.</param>
    /// <param name="Reason">Why none is used.</param>
    /// <param name="Since">When a registry began to be used, or ceased to be for this reason.</param>
    private sealed record Known(SignedRegistry? Registry, string? Reason, DateTimeOffset Since);
}
