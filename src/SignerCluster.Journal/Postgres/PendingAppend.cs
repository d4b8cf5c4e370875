using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>An append on its way to the server and the place where its caller waits. Only the first answer counts.</summary>
internal sealed class PendingAppend(JournalAppend append)
{
    private readonly TaskCompletionSource<AppendOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JournalAppend Append => append;

    public int Bytes { get; } = append.Entries.Sum(static entry => entry.Message.Length);

    public Task<AppendOutcome> WaitForAnswerAsync() => _answer.Task.WaitAsync(CancellationToken.None);

    public void Answer(AppendOutcome outcome) => _answer.TrySetResult(outcome);

    public void AnswerNotWritten(JournalException fault) => Answer(new AppendOutcome.NotWritten(fault));
}
