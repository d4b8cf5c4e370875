using Akka.Actor;

namespace SignerCluster.Journal.Persistence;

/// <summary>The timer of a new actor system.</summary>
public static class ActorSystemTimer
{
    /// <summary>
    /// Returns the system after its timer has started. Akka starts the timer at the first use: every thread that uses it then waits for a task that needs
    /// a pool thread itself. Some hundred entities that recover at once in a new system use it all together, take every thread, and stand still for
    /// minutes (akka.net issue 7130). So the first use is made here, by one thread.
    /// </summary>
    public static ActorSystem WithTimerStarted(this ActorSystem system)
    {
        system.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, static () => { });
        return system;
    }
}
