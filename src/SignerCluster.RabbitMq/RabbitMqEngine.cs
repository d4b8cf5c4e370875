using Microsoft.Extensions.Logging;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>
/// The engine between processes. An ask goes through the exchange of the party that hosts the entity to one of that party's nodes, for a group of
/// entities always the same while membership is unchanged, and is handled there by its local engine. Asks to one entity leave in the order of the calls.
/// Every ask ends: with a reply, the fault of the engine that handled it, or transient <c>unroutable</c> (no node of the party runs; at once),
/// <c>overloaded</c> (too many asks wait; at once), <c>broker_unavailable</c> (no connection; at once), <c>connection_lost</c>,
/// <c>answer_timeout</c> or <c>engine_stopped</c>. Permanent faults of its own: <c>unroutable</c> (no party hosts the entity, or this node may not ask
/// it), <c>request_too_large</c>. After the last four transient ones the request may have been handled. It reconnects by itself, and says so in its log.
/// </summary>
public sealed partial class RabbitMqEngine : IEngine, IAsyncDisposable
{
    private const string UntoldReason = "it has not been connected yet";
    private readonly RabbitMqSettings _settings;
    private readonly BrokerRoutes _routes;
    private readonly Dictionary<string, string> _asked;
    private readonly TimeProvider _time;
    private readonly ILogger<RabbitMqEngine> _log;
    private readonly BrokerSetup _setup;
    private readonly Handling? _handling;
    private readonly Busy _busy = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _upkeep;
    private Task _keeping = Task.CompletedTask;
    private volatile BrokerLink? _link;
    private volatile string _reason = UntoldReason;
    private int _isStopping;

    private RabbitMqEngine(RabbitMqSettings settings, BrokerRoutes routes, IEngine? local, TimeProvider time, ILoggerFactory logs)
    {
        settings.ThrowIfInvalid();
        foreach (string party in routes.AskedParties)
            BrokerNames.ThrowIfNoParty(party);
        _settings = settings;
        _routes = routes;
        _asked = routes.AskedParties.ToDictionary(static party => party, BrokerNames.Requests, StringComparer.Ordinal);
        _time = time;
        _log = logs.CreateLogger<RabbitMqEngine>();
        _setup = new BrokerSetup(settings, routes, time);
        _handling = local is null ? null : new Handling(settings, local, _busy, time, AnswerAsync, logs.CreateLogger<Handling>());
    }

    /// <summary>Is there a connection that takes messages? Readiness asks this.</summary>
    public bool IsUp => Fault is null;

    /// <summary>Names the broker and says what is wrong; null when nothing is.</summary>
    public string? Fault => _link is { Fault: null } ? null : $"The broker {_settings.BrokerName} is not reachable: {_link?.Fault ?? _reason}";

    private bool IsStopping => Volatile.Read(ref _isStopping) != 0;

    /// <summary>
    /// Connects, makes this node's queues and returns when requests can be asked and come in. Throws <see cref="EngineException"/>:
    /// <c>broker_unavailable</c> (transient), <c>broker_login_refused</c>, <c>broker_host_refused</c>, <c>broker_not_trusted</c>, <c>broker_ca_invalid</c>,
    /// <c>broker_topology_missing</c>, <c>broker_plugin_missing</c>, <c>broker_rights_missing</c>, <c>node_name_taken</c>; each says what to do.
    /// </summary>
    /// <param name="local">Handles what others ask of this node's party; not disposed of. Null when this node hosts nothing.</param>
    public static async Task<RabbitMqEngine> StartAsync(
        RabbitMqSettings settings, BrokerRoutes routes, IEngine? local, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        var engine = new RabbitMqEngine(settings, routes, local, time, logs);
        try
        {
            engine.Begin(await engine._setup.OpenPatientlyAsync(engine.Take, engine.TakeAnswersAsync, cancellation));
            return engine;
        }
        catch (Exception fault) when (fault is RabbitMQ.Client.Exceptions.BrokerUnreachableException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The start was cancelled.", fault, cancellation);
        }
        catch (Exception fault) when (fault is not EngineException && !cancellation.IsCancellationRequested && BrokerFaults.IsOfBroker(fault))
        {
            throw BrokerFaults.OfConnecting(fault, settings);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // Entered before the look at IsStopping, so that a stop waits for every ask that it did not turn away.
        _busy.Enter();
        try
        {
            PendingAsk ask = Send(to, request);
            await using (cancellation.UnsafeRegister(static (ask, token) => ((PendingAsk)ask!).Cancel(token), ask))
                return await ask.Task;
        }
        finally
        {
            _busy.Exit();
        }
    }

    /// <summary>
    /// Takes nothing new, leaves this node's share of requests to the party's other nodes, lets what is under way finish and its answers
    /// leave, for <see cref="RabbitMqSettings.StopGrace"/> at most, then closes the connection. Asks that wait even then end as <c>engine_stopped</c>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            await StopAsync();
            _stopped.SetResult();
        }

        await _stopped.Task.WaitAsync(CancellationToken.None);
    }

    // An engine that reconnects while it stops only sends the answers that it owes.
    private Func<Delivery, CancellationToken, ValueTask>? Take => _handling is null || IsStopping ? null : _handling.TakeAsync;

    private PendingAsk Send(EntityId to, ReadOnlyMemory<byte> request)
    {
        if (IsStopping)
            throw Stopped();
        if (_routes.PartyOf(to) is not { } party)
            throw new EngineException("unroutable", $"No party hosts {to}.", isTransient: false);
        if (!_asked.TryGetValue(party, out string? exchange))
            throw new EngineException("unroutable", $"{to} lives with {party}, which this node does not ask.", isTransient: false);
        if (request.Length > _settings.MaximumMessageBytes)
            throw new EngineException(
                "request_too_large", $"The request to {to} has {request.Length} bytes; {_settings.MaximumMessageBytes} may be sent.", isTransient: false);
        if (_link is not { Fault: null } link)
            throw new EngineException("broker_unavailable", Fault ?? $"The broker {_settings.BrokerName} is not reachable.", isTransient: true);
        PendingAsk ask = link.Waiting.Add(to, party);
        // A copy, because an asker that stopped waiting may reuse its buffer before the request is sent.
        Letter letter = new(LetterKind.Ask, ask.Id, to.ToString(), request.ToArray());
        if (!link.Publisher.TryQueue(new Outgoing(exchange, _routes.GroupOf(to), letter, ask)))
            ask.Fail(link.IsLost ? ConnectionLost(link) : TooSlow(to));
        // The link may have been lost, and those that wait on it told, before this ask was among them.
        if (link.IsLost)
            ask.Fail(ConnectionLost(link));
        return ask;
    }

    private ValueTask TakeAnswersAsync(BrokerLink link, Delivery delivery)
    {
        ReadOnlyMemory<byte> rest = delivery.Letters;
        while (Parcel.TryTake(ref rest, out Letter answer))
        {
            if (answer.Body.Length > _settings.MaximumMessageBytes || !link.Waiting.TryTake(answer.Correlation, delivery.Exchange, out PendingAsk? ask))
                LogLateReply(delivery.Exchange);
            else if (answer.Kind == LetterKind.Reply)
                ask.TrySetResult(answer.Body);
            else
                ask.TrySetException(FaultMessage.Decode(answer.Kind == LetterKind.Fault ? answer.Body.Span : []));
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask<bool> AnswerAsync(Outgoing answer) => _link is { } link ? link.Publisher.QueueAsync(answer) : new ValueTask<bool>(false);

    private void Upkeep()
    {
        if (_link is not { } link)
            return;
        link.Waiting.FailThoseOver(_settings.AnswerTimeout, AnswerTimedOut);
        _ = link.AcknowledgeAsync();
    }

    private EngineException TooSlow(EntityId to) =>
        new("overloaded", $"{to} was not asked: the broker {_settings.BrokerName} takes messages too slowly.", isTransient: true);

    private EngineException AnswerTimedOut() =>
        new("answer_timeout", $"No reply came within {_settings.AnswerTimeout.TotalSeconds} s. The request may have been handled.", isTransient: true);

    private EngineException ConnectionLost(BrokerLink link) =>
        new(
            "connection_lost",
            $"The connection to the broker {_settings.BrokerName} was lost: {link.Fault} The request may have been handled.",
            isTransient: true);

    private static EngineException Stopped() => new("engine_stopped", "The engine is stopping and takes no more requests.", isTransient: true);
}
