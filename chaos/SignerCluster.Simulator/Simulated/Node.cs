using Akka.Actor;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Frost;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Simulator.ActorSystems;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// One process of an operator: it is started, crashes, is stopped and started again over the same store. What it is made of is the product's own; only
/// the journal's disk, the network, the clock and the entropy are simulated.
/// </summary>
internal abstract class Node
{
    private static readonly TimeSpan _retryStart = TimeSpan.FromMilliseconds(200);
    private int _lives;

    private protected Node(World world, Operator owner, string name, int number)
    {
        World = world;
        Owner = owner;
        Name = name;
        Number = number;
        Life = new Incarnation(world.Scheduler, name);
        Life.Kill();
    }

    internal string Name { get; }

    /// <summary>The position among all nodes of the world.</summary>
    internal int Number { get; }

    internal Operator Owner { get; }

    /// <summary>The present incarnation, or the last one.</summary>
    internal Incarnation Life { get; private set; }

    /// <summary>Takes requests.</summary>
    internal bool IsUp => Life.IsAlive && !IsStopping;

    internal bool IsStopping { get; private set; }

    /// <summary>Has it started as far as taking requests?</summary>
    internal abstract bool IsServing { get; }

    /// <summary>Null until the journal's keys are open.</summary>
    internal KeyKeeper? Keys { get; private set; }

    private protected World World { get; }

    internal void Start()
    {
        Life = new Incarnation(World.Scheduler, $"{Name}.{++_lives}");
        (IsStopping, Keys) = (false, null);
        Forget();
        World.Trace.Note(Name, "starts");
        Incarnation life = Life;
        World.Spawn(life, () => StartAsync(life));
    }

    /// <summary>Ends the process as kill -9 does.</summary>
    internal void Crash()
    {
        World.Trace.Note(Name, "crashes");
        Life.Kill();
        IsStopping = false;
    }

    /// <summary>Ends the process as an operator does: requests in progress finish, nonces are wiped.</summary>
    internal void Stop()
    {
        IsStopping = true;
        World.Trace.Note(Name, "stops");
        Incarnation life = Life;
        World.Spawn(life, async () =>
        {
            await StopAsync();
            if (Keys is { } keys)
            {
                await keys.DisposeAsync();
            }

            life.Kill();
            World.Trace.Note(Name, "has stopped");
        });
    }

    /// <summary>Gives a message to the entity that it is for, which may answer it. Runs in the node's life.</summary>
    internal abstract void Give(IEntityMessage message, Action<object, TurnWatch> answer);

    /// <summary>Lets go of what the last life was made of.</summary>
    private protected abstract void Forget();

    /// <summary>What reaches the key ring in a store. Called again when the keys could not be opened.</summary>
    private protected abstract IKeyRing OpenRing(Incarnation life, DiskConnection store, Quarantine quarantine);

    /// <summary>Makes the parts of the node and lets it take requests.</summary>
    private protected abstract void Assemble(Incarnation life, IJournal journal, Quarantine quarantine);

    /// <summary>Takes up what a stop interrupted. May throw what journals throw, and is then tried again.</summary>
    private protected abstract Task ResumeAsync();

    private protected abstract Task StopAsync();

    /// <summary>What the sessions of the operator's seat work with.</summary>
    private protected SeatParts MakeSeatParts(Incarnation life, Quarantine quarantine, IActorRef guardians)
    {
        NonceVault vault = new(World.Limits.Nonces, life.Time);
        SeatKeeper keeper = new(vault, (group, seat) => seat == Owner.Seat ? World.Group.ShareOf(group, seat) : null, World.Draw);
        return new SeatParts(
            SystemSettings.Journal,
            vault,
            keeper,
            guardians,
            group => World.Group.Standing(group, SeatSet.Of(Owner.Seat!.Value)),
            quarantine,
            World.Limits.SessionExpiry);
    }

    private protected ILoggerFactory Logs(Incarnation life) => new WatchedLog(World, life);

    private Task<KeyKeeper> OpenKeysAsync(Incarnation life, Quarantine quarantine)
    {
        DiskConnection store = new(Owner.Disk, this);
        return KeyKeeper.OpenAsync(new KeyKeeperParts(
            store,
            OpenRing(life, store, quarantine),
            null,
            new SimulatedKeyProvider(World, Owner, life, () => Owner.KeyVersion),
            World.Limits.Keys,
            World.DrawForKeys,
            life.Time,
            Logs(life)));
    }

    private async Task StartAsync(Incarnation life)
    {
        Quarantine quarantine = new(NullLogger<Quarantine>.Instance);
        while (!IsStopping)
        {
            try
            {
                if (Keys is null)
                {
                    Keys = await OpenKeysAsync(life, quarantine);
                    Assemble(life, new WatchedJournal(Keys.Journal, World, this), quarantine);
                }

                await ResumeAsync();
                return;
            }
            catch (Exception fault) when (fault is JournalException or KeyProviderException)
            {
                World.Trace.Note(Name, "start failed", fault);
                if (fault is KeyProviderException { Code: "key_mismatch" } && Keys is null)
                {
                    // A re-wrap got through whose end nobody saw: the operator looks what the ring is under and gives the provider that key.
                    Owner.KeyVersion = Owner.RingKeyVersion;
                }

                await Task.Delay(_retryStart, life.Time, CancellationToken.None);
            }
        }
    }
}
