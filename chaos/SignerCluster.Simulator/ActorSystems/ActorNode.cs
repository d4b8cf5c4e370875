using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Pattern;
using SignerCluster.Actors;
using SignerCluster.Actors.KeyRings;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Wakers;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Persistence;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>
/// A node whose entities are the product's actors, in an actor system of each life's own. A crash abandons it: nothing of it runs again, and it is told
/// nothing.
/// </summary>
internal abstract class ActorNode(World world, Operator owner, string name, int number) : Node(world, owner, name, number)
{
    private readonly Dictionary<EntityId, Activation> _activations = [];
    private readonly HashSet<string> _woken = [];
    private readonly JournalSetup _journals = new();
    private IActorRef? _ring;
    private IActorRef? _region;

    internal sealed override bool IsServing => _region is not null;

    /// <summary>Null while the node is starting.</summary>
    private protected ActorSystem? System { get; private set; }

    internal sealed override void Give(IEntityMessage message, Action<object, TurnWatch> answer)
    {
        DateTimeOffset began = World.Now;
        _region!.Tell(message, new Asker((given, by) => answer(given, TurnWatch.Of(began, by?.Loaded))));
    }

    private protected sealed override void Forget()
    {
        _activations.Clear();
        _woken.Clear();
        (System, _ring, _region) = (null, null, null);
    }

    private protected sealed override IKeyRing OpenRing(Incarnation life, DiskConnection store, Quarantine quarantine)
    {
        System ??= StartSystem(life, store);
        Props ring = KeyRingActor.Props(SystemSettings.RingJournal, quarantine);
        _ring ??= System.ActorOf(
            BackoffSupervisor.Props(Backoff.OnStop(ring, "ring", TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1), randomFactor: 0, maxNrOfRetries: -1)),
            "key-ring");
        IActorRef asked = _ring;
        return new SimulatedRing((message, take) => asked.Tell(message, new Asker((given, _) => take((KeyRingAnswer)given))), life);
    }

    /// <summary>Lets the node's entities work, all of them in one region.</summary>
    /// <param name="activate">Makes what an id names, given where all entities of the node are.</param>
    private protected void Host(Incarnation life, IJournal journal, Func<EntityId, IActorRef, Props> activate)
    {
        _journals.Of(SystemSettings.Party).Open(new ContextBridge(journal, life, _activations));
        IActorRef? region = null;
        _region = region = System!.ActorOf(Region.Props(id => activate(id, region!), _activations), "region");
    }

    /// <summary>Wakes what a stop interrupted, now and again.</summary>
    private protected void Wake(string kind)
    {
        IJournal journal = Keys!.Journal;
        if (_woken.Add(kind))
        {
            System!.ActorOf(WakerActor.Props(new WakerParts(() => ListOpen(journal, kind), _region!, World.Limits.Waker)), $"waker-of-{kind}");
        }
    }

    private protected override async Task StopAsync()
    {
        if (_region is { } region)
        {
            TaskCompletionSource emptied = new();
            region.Tell(new Region.Empty(() => emptied.TrySetResult()), ActorRefs.NoSender);
            await emptied.Task;
        }
    }

    private static async IAsyncEnumerable<EntityId> ListOpen(IJournal journal, string kind)
    {
        await foreach ((EntityId id, _) in journal.ListOpenAsync(kind, CancellationToken.None))
        {
            yield return id;
        }
    }

    private ActorSystem StartSystem(Incarnation life, DiskConnection store)
    {
        _journals.Add(SystemSettings.Party, new PartyJournal(store, life.Time));
        ActorSystemSetup setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(SystemSettings.Config), _journals);
        ActorSystem system = StepScheduler.StartingFor(life, () => ActorSystem.Create("signer", setup));
        system.ActorOf(Errors.Props(World.Findings, life.Name), "errors");
        system.ActorOf(LostMessages.Props(), "lost-messages");
        return system;
    }
}
