using System.Collections.Concurrent;
using System.Diagnostics;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Plans;

namespace SignerCluster.Chaos.Load;

/// <summary>Everything that clients were told of one session. Written by those who ask for it, read by anyone.</summary>
/// <param name="payment">What is withdrawn; null for a session that is none.</param>
/// <param name="job">The covenant job; null for what is none.</param>
internal sealed class SessionLog(PlannedSession session, Payment? payment = null, CovenantJob? job = null)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _signatures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<WithdrawalAnswer, bool> _answers = new();
    private readonly ConcurrentDictionary<string, bool> _transactions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _jobIds = new(StringComparer.Ordinal);
    private volatile string? _message;
    private long _began;
    private long _ended;
    private int _isAccepted;
    private int _refusals;
    private int _asked;
    private int _settled;
    private volatile string _last = "never asked";

    internal PlannedSession Session => session;

    internal Payment? Payment => payment;

    internal CovenantJob? Job => job;

    internal bool IsAccepted => Volatile.Read(ref _isAccepted) > 0;

    internal bool IsSigned => !_signatures.IsEmpty;

    /// <summary>Was any caller told that the id stands for another transaction?</summary>
    internal bool IsRefused => Volatile.Read(ref _refusals) > 0;

    internal int Refusals => Volatile.Read(ref _refusals);

    /// <summary>Has everyone who asks an answer that ends it?</summary>
    internal bool IsSettled => Volatile.Read(ref _settled) == Volatile.Read(ref _asked);

    /// <summary>The last thing that went wrong, or the last state that was told.</summary>
    internal string Last => _last;

    /// <summary>From the first question to the first signature; null without one.</summary>
    internal TimeSpan? Took => _ended == 0 ? null : Stopwatch.GetElapsedTime(_began, _ended);

    /// <summary>One more will ask.</summary>
    internal void Expect() => Interlocked.Increment(ref _asked);

    internal void Begin() => Interlocked.CompareExchange(ref _began, Stopwatch.GetTimestamp(), 0);

    /// <summary>True for the first time.</summary>
    internal bool Accept() => Interlocked.Exchange(ref _isAccepted, 1) == 0;

    internal void Receive(string signature)
    {
        _signatures.TryAdd(signature, DateTimeOffset.UtcNow);
        Interlocked.CompareExchange(ref _ended, Stopwatch.GetTimestamp(), 0);
        Interlocked.Increment(ref _settled);
        _last = "signed";
    }

    /// <summary>An answer told this record, and where it is signed this transaction.</summary>
    internal void Receive(WithdrawalAnswer answer, string? transaction)
    {
        _answers.TryAdd(answer, true);
        if (transaction is not null)
        {
            _transactions.TryAdd(transaction, true);
        }
    }

    /// <summary>An answer told these ids of the job.</summary>
    internal void ReceiveIds(string ids) => _jobIds.TryAdd(ids, true);

    /// <summary>What the signature of the job is over, as the answer shows it.</summary>
    internal void ReceiveMessage(string message) => _message = message;

    /// <summary>The id stands for another transaction.</summary>
    internal void Refuse()
    {
        Interlocked.Increment(ref _refusals);
        Interlocked.Increment(ref _settled);
    }

    internal void Note(string what) => _last = what;

    /// <summary>For the auditor.</summary>
    internal ClientSession ToClientSession() => new(
        job?.Session ?? session.Session,
        job is null ? payment?.Message ?? session.Message : _message ?? string.Empty,
        IsAccepted,
        _signatures,
        Withdrawal: payment is null
            ? null
            : new ClientWithdrawal(payment.Txid, payment.Debit, IsRefused, [.. _answers.Keys], [.. _transactions.Keys]),
        JobIds: job is null ? null : [.. _jobIds.Keys]);
}
