using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// What is between the nodes: loses, repeats, delays, reorders, cuts off, and now and then delivers to the wrong one of two nodes that share a store.
/// Keeps the engine's promise to the asker: it gets the reply, or an exception after a while.
/// </summary>
internal sealed class SimulatedNetwork(World world)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _longestSilence = TimeSpan.FromSeconds(40);
    private readonly Choices _silence = Choices.For(world.Seed, "silence");
    private readonly HashSet<(Node From, Node To)> _cut = [];
    private readonly Dictionary<Incarnation, List<PendingAsk>> _handling = [];

    internal IEngine Endpoint(Node node) => new Port(this, node);

    internal void Cut(Node from, Node to) => _cut.Add((from, to));

    internal void Heal(Node from, Node to) => _cut.Remove((from, to));

    internal void HealAll() => _cut.Clear();

    /// <summary>A node has died: who waits for its replies is told so, as a broken connection tells.</summary>
    internal void Disconnect(Incarnation dead)
    {
        if (_handling.Remove(dead, out List<PendingAsk>? asks))
        {
            asks.ForEach(ask => FailLater(ask, "connection_lost"));
        }
    }

    /// <summary>A message that no node of the world sent; nobody waits for its answer.</summary>
    internal void Inject(EntityId to, byte[] request)
    {
        if (OperatorOf(to).Route(to) is { Mailboxes: not null } node)
        {
            Incarnation life = node.Life;
            world.Spawn(life, () => HandleAsync(node, to, request));
        }
    }

    private List<PendingAsk> Handling(Incarnation life)
    {
        if (!_handling.TryGetValue(life, out List<PendingAsk>? asks))
        {
            _handling.Add(life, asks = []);
        }

        return asks;
    }

    private Operator OperatorOf(EntityId to) => to.Kind == EntityKind.SigningSession ? world.Operators[EntityAddress.ToSeat(to).Seat.Value] : world.Coordination;

    private Task<ReadOnlyMemory<byte>> AskAsync(Node from, EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        PendingAsk ask = new(from.Life, cancellation);
        if (!from.Life.IsAlive)
        {
            return ask.Reply;
        }

        world.Scheduler.Digest.Add(request.Span);
        if (OperatorOf(to).Route(to) is not { } node)
        {
            FailLater(ask, "unroutable");
            return ask.Reply;
        }

        Send(ask, from, node, to, request);
        if (node != from && world.Faults.Happens(FaultKind.RequestDuplicated))
        {
            Send(ask, from, node, to, request);
        }

        return ask.Reply;
    }

    private void Send(PendingAsk ask, Node from, Node to, EntityId entity, ReadOnlyMemory<byte> request)
    {
        bool local = from == to;
        if (!local && (_cut.Contains((from, to)) || world.Faults.Happens(FaultKind.RequestLost)))
        {
            world.Trace.Note(from.Name, "request lost to", to.Name, entity);
            FailLater(ask, "request_lost");
            return;
        }

        Incarnation life = to.Life;
        world.Scheduler.PostIn(local ? TimeSpan.Zero : Delay(FaultKind.RequestDelayed), world.Outside, () =>
        {
            if (!life.IsAlive || to.Mailboxes is null)
            {
                FailLater(ask, "connection_refused");
                return;
            }

            Handling(life).Add(ask);
            world.Spawn(life, () => DeliverAsync(ask, life, from, to, entity, request));
        });
    }

    private async Task DeliverAsync(PendingAsk ask, Incarnation life, Node from, Node to, EntityId entity, ReadOnlyMemory<byte> request)
    {
        (ReadOnlyMemory<byte> reply, EngineException? fault) = await HandleAsync(to, entity, request);
        Handling(life).Remove(ask);
        bool local = from == to;
        bool silent = entity.Kind == EntityKind.SigningSession && world.LiarAt(EntityAddress.ToSeat(entity).Seat) is not null && world.Faults.Happens(FaultKind.LieSilence);
        if (silent || (!local && (_cut.Contains((to, from)) || world.Faults.Happens(FaultKind.ReplyLost))))
        {
            world.Trace.Note(to.Name, "reply lost to", from.Name, entity);
            FailLater(ask, "reply_lost");
            return;
        }

        world.Scheduler.PostIn(local ? TimeSpan.Zero : Delay(FaultKind.ReplyDelayed), ask.Asker, () => ask.Settle(reply, fault));
        world.Crashes.Consider(FaultKind.CrashReplyPending, to);
    }

    /// <summary>Runs in the incarnation of the node. Without a token, because waiting with one would leave the simulation's thread.</summary>
    private async Task<(ReadOnlyMemory<byte> Reply, EngineException? Fault)> HandleAsync(Node node, EntityId entity, ReadOnlyMemory<byte> request)
    {
        try
        {
            return (await node.Mailboxes!.AskAsync(entity, request, CancellationToken.None), null);
        }
        catch (EngineException fault)
        {
            world.Checks.EntityFailed(node, entity, fault);
            return (default, fault);
        }
    }

    private void FailLater(PendingAsk ask, string code) => world.Scheduler.PostIn(
        _silence.Between(_shortest, _silence.PerMille(300) ? _longestSilence : TimeSpan.FromMilliseconds(50)), ask.Asker, () => ask.Settle(default, new EngineException(code, "Lost.", isTransient: true)));

    private TimeSpan Delay(FaultKind kind) => world.Faults.Happens(kind) ? world.Faults.Details(kind).Between(_shortest, _longestDelay) : TimeSpan.Zero;

    /// <summary>The network as one node sees it.</summary>
    private sealed class Port(SimulatedNetwork network, Node node) : IEngine
    {
        public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
            await network.AskAsync(node, to, request, cancellation);
    }

    /// <summary>Somebody who waits for a reply. The first thing that happens settles it.</summary>
    private sealed class PendingAsk
    {
        private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _reply = new();

        internal PendingAsk(Incarnation asker, CancellationToken cancellation)
        {
            Asker = asker;
            cancellation.UnsafeRegister(static (ask, token) => ((PendingAsk)ask!)._reply.TrySetCanceled(token), this);
        }

        internal Incarnation Asker { get; }

#pragma warning disable VSTHRD003 // There is one thread, and nobody blocks it.
        internal Task<ReadOnlyMemory<byte>> Reply => _reply.Task;
#pragma warning restore VSTHRD003

        internal void Settle(ReadOnlyMemory<byte> reply, EngineException? fault)
        {
            if (fault is null)
            {
                _reply.TrySetResult(reply);
            }
            else
            {
                _reply.TrySetException(fault);
            }
        }
    }
}
