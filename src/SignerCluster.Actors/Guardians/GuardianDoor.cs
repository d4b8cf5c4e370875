using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Actors.Guardians;

/// <summary>
/// Messages of an entity that decides on them only with its group's guardian's word. The questions may be repeated, so one without an answer is asked again, on
/// a timer.
/// </summary>
/// <param name="send">Takes a question to the party's own guardian; its answer comes back to <see cref="TryTake"/>.</param>
/// <param name="timers">
/// Those of the entity, which has them only once it is made, and calls <see cref="AskAgain"/> when it is told <see cref="AskGuardianAgain"/>.
/// </param>
internal sealed class GuardianDoor(GuardianAddress guardian, Action<ToGuardian> send, Func<ITimerScheduler> timers)
{
    /// <summary>Longer than a guardian lets a session wait for its record.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>Who waits asks again after a while, so the oldest of very many has most likely gone.</summary>
    private const int MaximumWaiting = 256;
    private readonly SortedDictionary<long, Waiting> _waiting = [];
    private long _numbered;

    internal bool IsEmpty => _waiting.Count == 0;

    internal void Ask(GuardianCommand command, IActorRef asker, object message)
    {
        ToGuardian question = new(guardian, command, ++_numbered);
        _waiting.Add(_numbered, new Waiting(asker, message, question));
        if (_waiting.Count > MaximumWaiting)
        {
            _waiting.Remove(_waiting.Keys.First());
        }

        send(question);
        StartTimer();
    }

    /// <summary>The message that waited for this answer; false for an answer that nobody waits for.</summary>
    internal bool TryTake(FromGuardian answer, out Judged judged)
    {
        bool waits = _waiting.Remove(answer.Ask, out Waiting waiting);
        judged = new Judged(waiting.Asker, waiting.Message, Told(answer.Answer));
        return waits;
    }

    internal void AskAgain()
    {
        foreach (Waiting waiting in _waiting.Values)
        {
            send(waiting.Question);
        }

        if (!IsEmpty)
        {
            StartTimer();
        }
    }

    /// <summary>One that runs is left alone: a question may be asked again early, and a timer for each would be work on every session.</summary>
    private void StartTimer()
    {
        if (!timers().IsTimerActive(AskGuardianAgain.Instance))
        {
            timers().StartSingleTimer(AskGuardianAgain.Instance, AskGuardianAgain.Instance, _patience);
        }
    }

    /// <summary>Everything that still waits, for an activation that ends: nobody will answer it.</summary>
    internal IReadOnlyList<Judged> TakeAll(JournalException fault)
    {
        GuardianAnswer failed = new GuardianAnswer.Failed(fault.Code, fault.IsTransient);
        Judged[] all = [.. _waiting.Values.Select(waiting => new Judged(waiting.Asker, waiting.Message, failed))];
        _waiting.Clear();
        return all;
    }

    /// <summary>What a node knows of a group, with what the guardian says of the session.</summary>
    internal static Standing Join(Standing standing, GuardianAnswer? word) => word switch
    {
        GuardianAnswer.Granted { Reply: GuardianReply.Admitted admitted } =>
            standing with { Withdrawal = admitted.Withdrawal, SpentToday = admitted.SpentToday },
        GuardianAnswer.Refused refused => standing with { Barred = refused.Refusal },
        _ => standing,
    };

    /// <summary>A guardian that cannot be read says nothing of the session, whose own history may be whole (G8).</summary>
    private static GuardianAnswer Told(GuardianAnswer answer) => answer is GuardianAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode }
        ? new GuardianAnswer.Failed("guardian_quarantined", IsTransient: false)
        : answer;

    private readonly record struct Waiting(IActorRef Asker, object Message, ToGuardian Question);
}

/// <summary>A message of an entity, with what the guardian says of its session.</summary>
internal readonly record struct Judged(IActorRef Asker, object Message, GuardianAnswer Answer);

/// <summary>A timer's word to an entity: the guardian has not answered.</summary>
internal sealed record AskGuardianAgain
{
    internal static AskGuardianAgain Instance { get; } = new();
}
