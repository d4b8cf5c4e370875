namespace SignerCluster.Host.Nodes;

/// <summary>
/// Says in the log which certificates end within thirty days or have expired, and which renewed one cannot be read: as soon as it is so, and once a day while
/// it stays so.
/// </summary>
internal sealed partial class CertificateWatch : IAsyncDisposable
{
    private static readonly TimeSpan _pace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _reminder = TimeSpan.FromDays(1);
    private readonly Func<IEnumerable<WatchedCertificate>> _certificates;
    private readonly Func<IEnumerable<string>> _faults;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateWatch> _log;
    private readonly ITimer _timer;
    private Dictionary<string, DateTimeOffset> _said = new(StringComparer.Ordinal);

    internal CertificateWatch(
        Func<IEnumerable<WatchedCertificate>> certificates, Func<IEnumerable<string>> faults, TimeProvider time, ILogger<CertificateWatch> log)
    {
        (_certificates, _faults, _time, _log) = (certificates, faults, time, log);
        _timer = time.CreateTimer(static watch => ((CertificateWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Look();
    }

    /// <summary>What an operator has to hear of now.</summary>
    internal IReadOnlyList<string> Warnings
    {
        get
        {
            DateTimeOffset now = _time.GetUtcNow();
            return [.. _certificates().Select(certificate => certificate.Warning(now)).OfType<string>(), .. _faults()];
        }
    }

    /// <summary>Why no other party talks to this node any more: the certificate that it shows has expired.</summary>
    internal IReadOnlyList<string> Faults
    {
        get
        {
            DateTimeOffset now = _time.GetUtcNow();
            return [.. _certificates().Where(one => one.Kind == "link" && one.HasExpired(now)).Select(one => one.Warning(now)!)];
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        DateTimeOffset now = _time.GetUtcNow();
        Dictionary<string, DateTimeOffset> said = new(StringComparer.Ordinal);
        foreach (WatchedCertificate certificate in _certificates())
        {
            if (certificate.Warning(now) is { } warning)
            {
                Say($"{certificate.Kind} {certificate.Peer} {certificate.Name} {certificate.Ends} {certificate.HasExpired(now)}", warning);
            }
        }

        foreach (string fault in _faults())
        {
            Say(fault, fault);
        }

        _said = said;

        // One look at a time.
        _timer.Change(_pace, Timeout.InfiniteTimeSpan);

        // By what does not change from day to day.
        void Say(string key, string warning)
        {
            bool isDue = !_said.TryGetValue(key, out DateTimeOffset last) || now - last >= _reminder;
            if (isDue && said.TryAdd(key, now))
            {
                LogWarning(warning);
            }

            said.TryAdd(key, last);
        }
    }

    [LoggerMessage(EventId = 2401, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);
}
