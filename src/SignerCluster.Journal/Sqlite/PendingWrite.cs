using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Sqlite;

/// <summary>Something on its way to the disk. Written inside a transaction, answered when what became of the transaction is known.</summary>
internal abstract class PendingWrite
{
    /// <summary>Writes into the open transaction and remembers what that comes to if it commits.</summary>
    public abstract void Write(WriteConnection connection);

    /// <summary>The transaction has committed.</summary>
    public abstract void AnswerCommitted();

    /// <summary>Definitely nothing of it was written.</summary>
    public abstract void AnswerNotWritten(JournalException fault);

    /// <summary>Nobody knows whether it was written.</summary>
    public abstract void AnswerUnknown(JournalException fault);
}

/// <summary>A write and the place where its caller waits. Only the first answer counts.</summary>
internal abstract class PendingWrite<TAnswer> : PendingWrite
    where TAnswer : notnull
{
    private readonly TaskCompletionSource<TAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TAnswer> WaitForAnswerAsync() => _answer.Task.WaitAsync(CancellationToken.None);

    protected void Answer(TAnswer answer) => _answer.TrySetResult(answer);

    protected void Fail(JournalException fault) => _answer.TrySetException(fault);
}

internal sealed class PendingAppend(JournalAppend append) : PendingWrite<AppendOutcome>
{
    private AppendOutcome? _outcome;

    public override void Write(WriteConnection connection) => _outcome = connection.Write(append);

    public override void AnswerCommitted() => Answer(_outcome ?? throw new InvalidOperationException("An append was committed without being written."));

    public override void AnswerNotWritten(JournalException fault) => Answer(new AppendOutcome.NotWritten(fault));

    // A conflict and a stale epoch wrote nothing in any case, but may rest on a neighbour whose own fate is unknown.
    public override void AnswerUnknown(JournalException fault) => Answer(
        _outcome is AppendOutcome.Conflict or AppendOutcome.StaleKeyEpoch ? new AppendOutcome.NotWritten(fault) : new AppendOutcome.Unknown(fault));
}

/// <summary>Finds out whether a write would reach the disk.</summary>
internal sealed class PendingProbe : PendingWrite<bool>
{
    public override void Write(WriteConnection connection) => connection.TouchHead();

    public override void AnswerCommitted() => Answer(true);

    public override void AnswerNotWritten(JournalException fault) => Fail(fault);

    public override void AnswerUnknown(JournalException fault) => Fail(fault);
}

/// <summary>Rows sealed anew. Whoever is told of a fault does it again, whatever became of it.</summary>
internal sealed class PendingReseal(IReadOnlyList<ResealedRow> rows) : PendingWrite<int>
{
    private int _replaced;

    public override void Write(WriteConnection connection) => _replaced = connection.Reseal(rows);

    public override void AnswerCommitted() => Answer(_replaced);

    public override void AnswerNotWritten(JournalException fault) => Fail(fault);

    public override void AnswerUnknown(JournalException fault) => Fail(fault);
}
