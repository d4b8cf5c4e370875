using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Reporting;

namespace SignerCluster.Simulator.Simulated;

/// <summary>What to simulate.</summary>
/// <param name="Part">What the entities of the world are.</param>
/// <param name="Seed">Drives everything.</param>
/// <param name="Steps">At least so many steps, in the pure part half as many; faults stop after three quarters of them.</param>
/// <param name="Disabled">Fault kinds that never happen, whatever the seed says.</param>
/// <param name="MaximumOrders">Clients place no more orders than this.</param>
/// <param name="TraceLength">So many notable steps are kept.</param>
internal sealed record SimulationSettings(
    Part Part, long Seed, int Steps, IReadOnlySet<FaultKind> Disabled, int MaximumOrders = int.MaxValue, int TraceLength = 160);

/// <summary>
/// One seed from beginning to end: three quarters of the steps with faults, one without, then no new orders until every client has what it was
/// promised. A run that does not get there has found a broken promise too.
/// </summary>
internal sealed class Simulation
{
    private const int PatienceInSteps = 60_000;
    private static readonly TimeSpan _patience = TimeSpan.FromDays(2);
    private static readonly TimeSpan _patienceUnasked = TimeSpan.FromMinutes(15);
    private readonly World _world;
    private readonly int _steps;

    private Simulation(World world)
    {
        _world = world;
        // There a session takes a third of the steps that actors need for it.
        _steps = world.Settings.Part == Part.Pure ? world.Settings.Steps / 2 : world.Settings.Steps;
    }

    private IEnumerable<SessionRecord> Unended => _world.Coordination.Ledger.Sessions.Where(static session => session.EndedAt == 0);

    private IEnumerable<JobRecord> OpenJobs => _world.Coordination.Ledger.Jobs.Where(static job => job.EndedAt == 0);

    internal static SeedReport Run(SimulationSettings settings)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        World world = new(settings);
        try
        {
            new Simulation(world).Run();
        }
        catch (Exception broken)
        {
            world.Findings.Report("X0", $"A step threw: {broken}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        return new SeedReport(
            settings.Part,
            settings.Seed,
            world.Scheduler.Steps,
            world.Scheduler.Digest.Value,
            world.Findings.First,
            world.Findings.First is null ? [] : world.Trace.Read(),
            world.Faults.Counts,
            world.Coverage);
    }

    private void Run()
    {
        foreach (Node node in _world.Nodes)
        {
            node.Start();
        }

        _world.Guard.Begin();

        int calm = _steps * 3 / 4;
        while (_world.Findings.First is null && _world.Scheduler.Steps < calm && Step())
        {
            Disturb();
            PlaceOrders();
        }

        Calm();
        while (_world.Findings.First is null && _world.Scheduler.Steps < _steps && Step())
        {
            PlaceOrders();
        }

        Settle();
    }

    private void PlaceOrders()
    {
        _world.Clients.AfterStep();
        _world.Orchestrators.AfterStep();
    }

    private void ReadEverything(int limit)
    {
        Audit audit = new(_world);
        audit.Begin();
        while (_world.Findings.First is null && !audit.IsDone && _world.Scheduler.Steps < limit && Step())
        {
        }

        _world.Findings.Demand(audit.IsDone, "A4", "The journals cannot be read to the end although faults stopped long ago.");
    }

    private bool Step()
    {
        bool stepped = _world.Scheduler.Step();
        if (_world.Scheduler.Intruder is { } stack)
        {
            _world.Findings.Report("X0", $"The product left the simulation's thread:\n{stack}");
        }

        return stepped;
    }

    private void Disturb()
    {
        _world.Crashes.AfterStep();
        _world.Partitions.AfterStep();
        _world.Adversary.AfterStep();
        _world.KeyChores.AfterStep();
        _world.Damage.AfterStep();
        _world.Registry.AfterStep();
        if (_world.Faults.Happens(FaultKind.ClockHurries))
        {
            _world.Scheduler.HurryClock();
        }
    }

    private void Calm()
    {
        _world.Trace.Note("world", "faults stop");
        _world.Faults.Stop();
        _world.Network.HealAll();
        _world.Damage.HealAll();
        _world.Registry.SetRight();
        _world.KeyChores.SetProvidersRight();
        _world.Crashes.AfterStep();
        _world.Crashes.ReviveAll();
    }

    /// <summary>What was accepted ends although nobody asks for it any more: the shell and the wakers see to that.</summary>
    private void EndUnasked(int limit)
    {
        DateTimeOffset deadline = _world.Now + _patienceUnasked;
        (_world.Clients.AreSilent, _world.Orchestrators.AreSilent) = (true, true);
        while (_world.Findings.First is null && (Unended.Any() || OpenJobs.Any()) && _world.Scheduler.Steps < limit && _world.Now < deadline && Step())
        {
        }

        (_world.Clients.AreSilent, _world.Orchestrators.AreSilent) = (false, false);
        foreach (JobRecord job in OpenJobs)
        {
            _world.Findings.Report("C3", $"Job {job.Address.Id} does not end unless it is asked for, although faults stopped {_patienceUnasked} ago.");
        }

        foreach (SessionRecord session in Unended)
        {
            _world.Findings.Report("A4", $"{session.Address.Session} does not end unless it is asked for, although faults stopped {_patienceUnasked} ago.");
        }
    }

    private void Settle()
    {
        int limit = _world.Scheduler.Steps + PatienceInSteps;
        if (_world.Settings.Part == Part.Actors)
        {
            EndUnasked(limit);
        }

        DateTimeOffset deadline = _world.Now + _patience;
        while (_world.Findings.First is null
            && !(_world.Clients.AreDone && _world.Orchestrators.AreDone)
            && _world.Scheduler.Steps < limit
            && _world.Now < deadline
            && Step())
        {
        }

        foreach (Order order in _world.Clients.Unfinished)
        {
            _world.Findings.Report("A4", $"{order.Text} has no answer {_world.Now - Scheduler.Start} after the start, although faults stopped long ago.");
        }

        foreach (JobOrder order in _world.Orchestrators.Unfinished)
        {
            _world.Findings.Report("C3", $"Job {order.Job.Id} has no answer {_world.Now - Scheduler.Start} after the start, although faults stopped long ago.");
        }

        if (_world.Findings.First is null)
        {
            _world.Checks.Settled();
            ReadEverything(limit);
        }
    }
}
