using Akka.Configuration;
using Akka.Dispatch;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>Every run of an actor is a step of the world, in the life of the node that the actor system belongs to.</summary>
internal sealed class StepDispatcher(MessageDispatcherConfigurator configurator, Incarnation life) : MessageDispatcher(configurator)
{
    protected override void ExecuteTask(IRunnable run) => life.PostOutOfContext(TimeSpan.Zero, run.Run);

    protected override void Shutdown()
    {
    }
}

/// <summary>Makes the one dispatcher of a configuration; Akka calls it by its name.</summary>
internal sealed class StepDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly StepDispatcher _dispatcher;

    public StepDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) => _dispatcher = new StepDispatcher(this, ((StepScheduler)prerequisites.Scheduler).Life);

    public override MessageDispatcher Dispatcher() => _dispatcher;
}
