using System.Diagnostics.CodeAnalysis;
using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Runtime.Coordination;
using SignerCluster.Runtime.Engine;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A node that coordinates sessions and takes clients' requests.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A crash abandons what the node is made of; only an orderly stop disposes it.")]
internal sealed class CoordinatorNode(World world, Operator owner, string name, int number) : MailboxNode(world, owner, name, number), ICoordinates
{
    private static readonly TimeSpan _lastWordsPatience = TimeSpan.FromSeconds(1);
    private readonly HashSet<CoordinatorAddress> _listening = [];
    private Coordinator? _coordinator;

    /// <summary>Also lets the client hear of the session's end from here on.</summary>
    public async Task<CoordinatorAnswer?> AskAsync(CoordinatorAddress session, CoordinatorCommand command)
    {
        if (_coordinator is null)
        {
            return null;
        }

        Listen(session);
        try
        {
            return await _coordinator.SendAsync(EntityAddress.Of(session), command, CancellationToken.None);
        }
        catch (EngineException)
        {
            return null;
        }
    }

    private protected override void Assemble(Incarnation life, IJournal journal, Quarantine quarantine)
    {
        World simulated = World;
        _listening.Clear();
        _coordinator = new Coordinator(new CoordinatorParts(
            journal,
            group => simulated.Group.Standing(group, default),
            () => ((MailboxNetwork)simulated.Network).Endpoint(this),
            new CoordinatorSettings { SessionExpiry = simulated.Limits.Participant.SessionExpiry },
            quarantine,
            life.Time,
            Logs(life)));
        Mailboxes = Host(life, EntityKind.RoastCoordinator, _coordinator.Activate);
    }

    private protected override async Task ResumeAsync() => await _coordinator!.ResumeAsync(CancellationToken.None);

    private protected override async Task StopAsync()
    {
        if (_coordinator is { } coordinator)
        {
            await coordinator.DrainAsync(_lastWordsPatience);
            coordinator.Dispose();
            await Mailboxes!.DisposeAsync();
        }
    }

    private void Listen(CoordinatorAddress session)
    {
        if (!_listening.Add(session))
        {
            return;
        }

        Conclusions.Waiter waiter = _coordinator!.Conclusions.Await(session);
        World.Spawn(Life, async () =>
        {
            // No limit of time and no token: waiting for either leaves the simulation's thread.
            CoordinatorReply outcome = RoastDecider.Status(await waiter.WithinAsync(Timeout.InfiniteTimeSpan, Life.Time, CancellationToken.None));
            _listening.Remove(session);
            World.Checks.Announced(session, outcome);
            World.Clients.Hear(session, outcome);
        });
    }
}
