using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>In the place of guardians where no group has one.</summary>
internal sealed class NoGuardian : UntypedActor
{
    internal static Props Props { get; } = Akka.Actor.Props.CreateBy(new Produced<NoGuardian>(static () => new NoGuardian()));

    protected override void OnReceive(object message)
    {
        if (message is ToGuardian asked)
        {
            Sender.Tell(new FromGuardian(new GuardianAnswer.Granted(new GuardianReply.Unguarded()), asked.Ask));
        }
    }
}
