using Akka.Actor;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>Answers messages whose commands were not all made durable: a message gets a verdict for each of its commands, whatever becomes of them.</summary>
/// <param name="read">The commands in a message; null for what is no command, and is not answered.</param>
/// <param name="answer">Tells the asker of a message the verdicts on its commands.</param>
internal sealed class Answers<TCommand, TReply>(
    Func<object, IReadOnlyList<Func<TCommand>>?> read, Action<IActorRef, object, IReadOnlyList<Verdict<TReply>>> answer)
{
    internal void Fail(IActorRef asker, object message, JournalException fault) => TellAll(asker, message, new Verdict<TReply>.Failed(fault));

    /// <summary>Says why there is no history.</summary>
    internal void Decline(IActorRef asker, object message, Exception cause, Quarantine quarantine) => TellAll(
        asker,
        message,
        cause is UnreadableHistoryException unreadable
            ? new Verdict<TReply>.Refused(quarantine.Admit(unreadable))
            : new Verdict<TReply>.Failed((JournalException)cause));

    /// <summary>
    /// Answers after a failed write. What was durable before the write is still answered (D1), if the activation's word on it is good: the write is known not
    /// to be there, and nobody else has written.
    /// </summary>
    /// <param name="verdicts">Failed from the first one on that rests on the write.</param>
    internal void TellDurable(IActorRef asker, object message, IReadOnlyList<Verdict<TReply>> verdicts, AppendOutcome outcome, HeadProof head)
    {
        JournalException fault = AppendFailedException.FaultOf(outcome);
        if (outcome is not AppendOutcome.NotWritten || verdicts[0] is Verdict<TReply>.Failed)
        {
            Fail(asker, message, fault);
            return;
        }

        head.Ask(isHead => answer(asker, message, isHead ? verdicts : [.. verdicts.Select(_ => new Verdict<TReply>.Failed(fault))]));
    }

    private void TellAll(IActorRef asker, object message, Verdict<TReply> verdict)
    {
        if (read(message) is { } commands)
        {
            answer(asker, message, [.. commands.Select(_ => verdict)]);
        }
    }
}
