using SignerCluster.Runtime;

namespace SignerCluster.Sqlite;

/// <summary>One append on its way to the disk, and the place where its caller waits. Only the first answer counts.</summary>
internal sealed class PendingAppend(JournalAppend append)
{
    private readonly TaskCompletionSource<AppendOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JournalAppend Append => append;

    /// <summary>What the append comes to if its transaction commits.</summary>
    public AppendOutcome? Outcome { get; set; }

    public Task<AppendOutcome> WaitForOutcomeAsync() => _answer.Task.WaitAsync(CancellationToken.None);

    public void Answer(AppendOutcome outcome) => _answer.TrySetResult(outcome);

    public void AnswerWithOutcome() => Answer(Outcome ?? throw new InvalidOperationException("An append was committed without being written."));
}
