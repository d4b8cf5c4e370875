using Akka.Actor;
using Akka.Event;

namespace SignerCluster.Actors.Remoting;

/// <summary>
/// Passes on what Akka's transport logs, and paces it: it writes several lines, one of them with a stack, for every connection that fails, and who makes
/// connections fail may be anybody.
/// </summary>
internal sealed class TransportLog(EventStream log, Pace pace) : UntypedActor
{
    internal static Props Props(EventStream log, Pace pace) => Akka.Actor.Props.CreateBy(new Produced<TransportLog>(() => new TransportLog(log, pace)));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Warning));
        Context.System.EventStream.Subscribe(Self, typeof(Error));
    }

    protected override void OnReceive(object message)
    {
        if (message is LogEvent line && pace.Allows(out long leftOut))
        {
            string said = line.Message?.ToString() ?? string.Empty;
            string cause = line.Cause is null ? string.Empty : $" ({line.Cause.GetType().Name}: {line.Cause.Message})";
            string first = said.Split('\n', 2)[0];
            log.Publish(new Warning(line.LogSource, line.LogClass, $"{first}{cause}. {leftOut} more lines of the transport were left out since the last one"));
        }
    }
}
