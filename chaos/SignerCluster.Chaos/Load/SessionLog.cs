using System.Collections.Concurrent;
using System.Diagnostics;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Plans;

namespace SignerCluster.Chaos.Load;

/// <summary>Everything that one client was told of one session. Written by one client, read by anyone.</summary>
internal sealed class SessionLog(PlannedSession session)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _signatures = new(StringComparer.Ordinal);
    private long _began;
    private long _ended;
    private volatile bool _isAccepted;
    private volatile string _last = "never asked";

    internal PlannedSession Session => session;

    internal bool IsAccepted => _isAccepted;

    internal bool IsSigned => !_signatures.IsEmpty;

    /// <summary>The last thing that went wrong, or the last state that was told.</summary>
    internal string Last => _last;

    /// <summary>From the first question to the signature; null without one.</summary>
    internal TimeSpan? Took => _ended == 0 ? null : Stopwatch.GetElapsedTime(_began, _ended);

    internal void Begin() => _began = Stopwatch.GetTimestamp();

    /// <summary>True for the first time.</summary>
    internal bool Accept()
    {
        bool isFirst = !_isAccepted;
        _isAccepted = true;
        return isFirst;
    }

    internal void Receive(string signature)
    {
        _signatures.TryAdd(signature, DateTimeOffset.UtcNow);
        _ended = Stopwatch.GetTimestamp();
        _last = "signed";
    }

    internal void Note(string what) => _last = what;

    /// <summary>For the auditor.</summary>
    internal ClientSession ToClientSession() => new(session.Session, session.Message, _isAccepted, _signatures);
}
