using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>Akka's clock and timers on the world's virtual time; they end with the life of the node.</summary>
internal sealed class StepScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log)
{
    [ThreadStatic]
    private static Incarnation? _starting;

    internal Incarnation Life { get; } = _starting ?? throw new InvalidOperationException("No simulated node is starting an actor system.");

    public override TimeSpan MonotonicClock => TimeNow - Scheduler.Start;

    public override TimeSpan HighResMonotonicClock => MonotonicClock;

    protected override DateTimeOffset TimeNow => Life.Time.GetUtcNow();

    /// <summary>The actor system that is created meanwhile belongs to this life: Akka gives a scheduler nothing to tell it by.</summary>
    internal static ActorSystem StartingFor(Incarnation life, Func<ActorSystem> create)
    {
        _starting = life;
        try
        {
            return create();
        }
        finally
        {
            _starting = null;
        }
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        AddRepeated(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, action, cancelable);

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Add(delay, action.Run, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        AddRepeated(initialDelay, interval, action, cancelable);

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        AddRepeated(initialDelay, interval, action.Run, cancelable);

    private void Add(TimeSpan delay, Action action, ICancelable? cancelable) => Life.PostOutOfContext(delay, () =>
    {
        if (cancelable?.IsCancellationRequested != true)
        {
            action();
        }
    });

    private void AddRepeated(TimeSpan delay, TimeSpan interval, Action action, ICancelable? cancelable) => Add(
        delay,
        () =>
        {
            action();
            AddRepeated(interval, interval, action, cancelable);
        },
        cancelable);
}
