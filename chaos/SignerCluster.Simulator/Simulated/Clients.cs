using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// Clients that order signatures, ask again until they have them, ask twice, spell ids in capitals, claim an id for something else, or change
/// their mind. They stop ordering when the world's steps are used up, and wait for what they were promised.
/// </summary>
internal sealed class Clients
{
    private static readonly TimeSpan _shortPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longPause = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(35);
    private readonly World _world;
    private readonly Choices _choices;
    private readonly List<Order> _orders = [];
    private readonly HashSet<string> _aborted = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _atOnce;
    private int _named;

    internal Clients(World world)
    {
        _world = world;
        _choices = Choices.For(world.Seed, "clients");
        _atOnce = _choices.Between(1, 5);
    }

    /// <summary>Do they ask nothing for now?</summary>
    internal bool AreSilent { get; set; }

    internal bool AreDone => _orders.TrueForAll(static order => order.IsDone);

    internal IEnumerable<Order> Unfinished => _orders.Where(static order => !order.IsDone);

    internal bool WasAborted(string text) => _aborted.Contains(text);

    /// <summary>Places orders while there are fewer under way than these clients want at once.</summary>
    internal void AfterStep()
    {
        if (_world.Guard.IsReady
            && !_world.Orchestrators.AreAlone
            && _orders.Count < _world.Settings.MaximumOrders
            && _orders.Count(static order => !order.IsDone) < _atOnce)
        {
            Order order = NewOrder();
            _orders.Add(order);
            _world.Trace.Note("client", "orders", order.Text);
            _world.Spawn(_world.Outside, () => ServeAsync(order));
        }
    }

    private Order NewOrder()
    {
        Order? earlier = _orders.Count > 0 && _choices.PerMille(250) ? _orders[_orders.Count - 1 - _choices.Below(Math.Min(_orders.Count, 3))] : null;
        string text = earlier?.Text ?? $"s{++_named}-order";
        SigningRequest request = earlier is null || _choices.PerMille(500) ? _world.Group.Request(_choices) : earlier.Request;
        if (_world.Guard.IsOn)
        {
            return NewWithdrawal(text, earlier);
        }

        return new Order(_choices.PerMille(300) ? text.ToUpperInvariant() : text, request, willAbort: _choices.PerMille(60));
    }

    /// <summary>Now and then under an earlier one's id, with its transaction or another one; one in ten tries it as a plain session.</summary>
    private Order NewWithdrawal(string text, Order? earlier)
    {
        Payment payment = earlier?.Payment is { } before && _choices.PerMille(600) ? before : _world.Group.Payment(_choices);
        return new Order(_choices.PerMille(300) ? text.ToUpperInvariant() : text, payment.Request, willAbort: false, _choices.PerMille(900) ? payment : null);
    }

    private async Task ServeAsync(Order order)
    {
        while (!order.IsDone)
        {
            CoordinatorCommand command = order switch
            {
                { WasGranted: true, WillAbort: true } when _choices.PerMille(500) => Aborting(order),
                { WasGranted: true } when _choices.PerMille(600) => new CoordinatorCommand.Show(),
                { Payment: not null } => new CoordinatorCommand.Withdraw(order.Request),
                _ => new CoordinatorCommand.Sign(order.Request),
            };
            if (!AreSilent && await AskAsync(order.Session, command) is { } answer)
            {
                order.WasGranted |= command is CoordinatorCommand.Sign or CoordinatorCommand.Withdraw && answer is CoordinatorAnswer.Granted;
                Learn(order, answer);
            }

            await Task.Delay(_choices.Between(_shortPause, _longPause), _world.Outside.Time, CancellationToken.None);
        }
    }

    private CoordinatorCommand.Abort Aborting(Order order)
    {
        _aborted.Add(order.Text);
        return new CoordinatorCommand.Abort(AbortReason.Requested);
    }

    private void Learn(Order order, CoordinatorAnswer answer)
    {
        if (answer is CoordinatorAnswer.Refused { Refusal.Code: UnreadableHistoryException.RefusalCode })
        {
            // Its operator has to restore a row; the client comes back.
            return;
        }

        if (answer is CoordinatorAnswer.Refused { Refusal: { Code: GuardianRefusals.RateLimitedCode } limited })
        {
            // It comes back when there is enough again, or gives up.
            _world.Coverage.Count($"client refused {limited.Code}");
            order.IsDone |= _choices.PerMille(300) && !order.WasGranted;
            return;
        }

        _world.Checks.ClientLearned(order, answer);
        order.IsDone |= answer is CoordinatorAnswer.Refused or CoordinatorAnswer.Granted { Reply: CoordinatorReply.Completed or CoordinatorReply.Failed }
            && (order.WasGranted || answer is CoordinatorAnswer.Refused);
        if (order.IsDone)
        {
            _world.Trace.Note("client", "learns", order.Text, answer);
        }
    }

    /// <summary>Asks the session; null when no answer came.</summary>
    private Task<CoordinatorAnswer?> AskAsync(CoordinatorAddress session, CoordinatorCommand command)
    {
        TaskCompletionSource<CoordinatorAnswer?> answer = new();
        bool waits = command is CoordinatorCommand.Sign or CoordinatorCommand.Withdraw && _choices.PerMille(_world.Limits.WaitsPerMille);
        _world.Scheduler.PostIn(_patience, _world.Outside, () => answer.TrySetResult(null));
        bool asked = _world.Network.TryAsk(ToSession.Of(session, command, waits), given =>
        {
            if (!_world.Faults.Happens(FaultKind.ReplyLost))
            {
                _world.Scheduler.Post(_world.Outside, () => answer.TrySetResult(given));
            }
        });
        return asked ? answer.Task : Task.FromResult<CoordinatorAnswer?>(null);
    }
}
