using SignerCluster.Actors.Messages;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// Whoever submits covenant jobs in some worlds: asks until a job has ended, submits twice, polls, and now and then sends another request under an id that is
/// taken. Only entities that are actors have jobs.
/// </summary>
internal sealed class Orchestrators
{
    private static readonly TimeSpan _shortPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longPause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(35);
    private readonly World _world;
    private readonly Choices _choices;
    private readonly List<JobOrder> _orders = [];
    private readonly int _atOnce;
    private int _named;

    internal Orchestrators(World world)
    {
        _world = world;
        _choices = Choices.For(world.Seed, "orchestrators");
        AreOn = world.Settings.Part == Part.Actors && !world.Guard.IsOn && _choices.PerMille(350);
        AreAlone = AreOn && _choices.PerMille(600);
        _atOnce = _choices.Between(1, 5);
    }

    /// <summary>Are there any in this world?</summary>
    internal bool AreOn { get; }

    /// <summary>Does nobody else want anything signed?</summary>
    internal bool AreAlone { get; }

    /// <summary>Do they ask nothing for now?</summary>
    internal bool AreSilent { get; set; }

    internal bool AreDone => _orders.TrueForAll(static order => order.IsDone);

    internal IEnumerable<JobOrder> Unfinished => _orders.Where(static order => !order.IsDone);

    internal void AfterStep()
    {
        if (AreOn && _orders.Count < _world.Settings.MaximumOrders && _orders.Count(static order => !order.IsDone) < _atOnce)
        {
            JobOrder order = NewOrder();
            _orders.Add(order);
            _world.Trace.Note("orchestrator", "wants", order.Job.Id, $"digest {Reporting.Wording.Short(order.Digest)}");
            _world.Spawn(_world.Outside, () => ServeAsync(order));
        }
    }

    private JobOrder NewOrder()
    {
        if (_orders.Count > 0 && _choices.PerMille(400))
        {
            JobOrder earlier = _orders[_orders.Count - 1 - _choices.Below(Math.Min(_orders.Count, 3))];
            return new JobOrder(
                earlier.Job, _choices.PerMille(600) ? earlier.Request : _world.Group.Covenant.Request(Covenant.Choose(_choices, earlier.Job.Route)));
        }

        CovenantKind route = _choices.PerMille(500) ? CovenantKind.SelfV1 : CovenantKind.QcV1;
        return new JobOrder(
            new JobAddress(route, RouteRequestId.Parse($"j{++_named}")), _world.Group.Covenant.Request(Covenant.Choose(_choices, route)));
    }

    private async Task ServeAsync(JobOrder order)
    {
        while (!order.IsDone)
        {
            JobCommand command = order.WasGranted && _choices.PerMille(500) ? new JobCommand.Poll(order.Digest) : new JobCommand.Submit(order.Request);
            if (!AreSilent && await AskAsync(order, command) is { } answer)
            {
                Learn(order, answer);
            }

            await Task.Delay(_choices.Between(_shortPause, _longPause), _world.Outside.Time, CancellationToken.None);
        }
    }

    private void Learn(JobOrder order, JobAnswer answer)
    {
        switch (answer)
        {
            case JobAnswer.Granted granted:
                order.WasGranted = true;
                order.IsDone = granted.Reply is not JobReply.Pending;
                break;
            case JobAnswer.Refused { Refusal: var refusal }:
                _world.Coverage.Count($"orchestrator refused {refusal.Code}");
                // Somebody has to restore a row, or the registry; the orchestrator comes back, or gives up what nobody promised.
                order.IsDone = refusal.Class == RefusalClass.Terminal || (!order.WasGranted && _choices.PerMille(200));
                break;
            default:
                return;
        }

        _world.Checks.OrchestratorLearned(order, answer);
        if (order.IsDone)
        {
            _world.Trace.Note("orchestrator", "learns", order.Job.Id, answer);
        }
    }

    /// <summary>Asks the job; null when no answer came.</summary>
    private Task<JobAnswer?> AskAsync(JobOrder order, JobCommand command)
    {
        TaskCompletionSource<JobAnswer?> answer = new();
        _world.Scheduler.PostIn(_patience, _world.Outside, () => answer.TrySetResult(null));
        bool asked = _world.Network.TryAsk(new ToJob(order.Job, command, Waits: _choices.PerMille(_world.Limits.WaitsPerMille)), given =>
        {
            if (!_world.Faults.Happens(FaultKind.ReplyLost))
            {
                _world.Scheduler.Post(_world.Outside, () => answer.TrySetResult(given));
            }
        });
        return asked ? answer.Task : Task.FromResult<JobAnswer?>(null);
    }
}
