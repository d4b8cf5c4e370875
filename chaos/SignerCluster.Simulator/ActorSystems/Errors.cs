using Akka.Actor;
using Akka.Event;
using SignerCluster.Simulator.Checkers;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>X0: no actor fails and none logs an error, in any world.</summary>
internal sealed class Errors(Findings findings, string node) : UntypedActor
{
    internal static Props Props(Findings findings, string node) => Akka.Actor.Props.Create(() => new Errors(findings, node));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(Error));

    protected override void OnReceive(object message)
    {
        if (message is Error error)
        {
            findings.Report("X0", $"{node}: {error.LogSource} logged: {error.Message} {error.Cause}");
        }
    }
}
