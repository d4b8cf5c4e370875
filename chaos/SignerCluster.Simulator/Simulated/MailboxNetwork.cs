using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>The network between mailboxes. Keeps the engine's promise to the asker: it gets the reply, or an exception after a while.</summary>
internal sealed class MailboxNetwork(World world) : Network(world)
{
    private static readonly TimeSpan _longestSilence = TimeSpan.FromSeconds(40);
    private readonly Choices _silence = Choices.For(world.Seed, "silence");
    private readonly Dictionary<Incarnation, List<PendingAsk>> _handling = [];

    internal IEngine Endpoint(Node node) => new Port(this, node);

    internal override void Disconnect(Incarnation dead)
    {
        if (_handling.Remove(dead, out List<PendingAsk>? asks))
        {
            asks.ForEach(ask => FailLater(ask, "connection_lost"));
        }
    }

    internal override void Inject(SeatAddress seat, IReadOnlyList<SeatRequest> requests)
    {
        EntityId to = EntityAddress.Of(seat);
        if (OperatorOf(to).Route(to) is MailboxNode { Mailboxes: not null } node)
        {
            Incarnation life = node.Life;
            World.Spawn(life, () => HandleAsync(node, to, Message.Encode(requests, WireJson.Default.IReadOnlyListSeatRequest)));
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

    private Task<ReadOnlyMemory<byte>> AskAsync(Node from, EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        PendingAsk ask = new(from.Life, cancellation);
        if (!from.Life.IsAlive)
        {
            return ask.Reply;
        }

        World.Scheduler.Digest.Add(request.Span);
        if (OperatorOf(to).Route(to) is not MailboxNode node)
        {
            FailLater(ask, "unroutable");
            return ask.Reply;
        }

        Send(ask, from, node, to, request);
        if (node != from && World.Faults.Happens(FaultKind.RequestDuplicated))
        {
            Send(ask, from, node, to, request);
        }

        return ask.Reply;
    }

    private void Send(PendingAsk ask, Node from, MailboxNode to, EntityId entity, ReadOnlyMemory<byte> request)
    {
        bool local = from == to;
        if (!local && (IsCut(from, to) || World.Faults.Happens(FaultKind.RequestLost)))
        {
            World.Trace.Note(from.Name, "request lost to", to.Name, entity);
            FailLater(ask, "request_lost");
            return;
        }

        Incarnation life = to.Life;
        World.Scheduler.PostIn(local ? TimeSpan.Zero : Delay(FaultKind.RequestDelayed), World.Outside, () =>
        {
            if (!life.IsAlive || to.Mailboxes is null)
            {
                FailLater(ask, "connection_refused");
                return;
            }

            Handling(life).Add(ask);
            World.Spawn(life, () => DeliverAsync(ask, life, from, to, entity, request));
        });
    }

    private async Task DeliverAsync(PendingAsk ask, Incarnation life, Node from, MailboxNode to, EntityId entity, ReadOnlyMemory<byte> request)
    {
        (ReadOnlyMemory<byte> reply, EngineException? fault) = await HandleAsync(to, entity, request);
        Handling(life).Remove(ask);
        bool local = from == to;
        bool silent = entity.Kind == EntityKind.SigningSession && World.LiarAt(EntityAddress.ToSeat(entity).Seat) is not null
            && World.Faults.Happens(FaultKind.LieSilence);
        if (silent || (!local && (IsCut(to, from) || World.Faults.Happens(FaultKind.ReplyLost))))
        {
            World.Trace.Note(to.Name, "reply lost to", from.Name, entity);
            FailLater(ask, "reply_lost");
            return;
        }

        World.Scheduler.PostIn(local ? TimeSpan.Zero : Delay(FaultKind.ReplyDelayed), ask.Asker, () => ask.Settle(reply, fault));
        World.Crashes.Consider(FaultKind.CrashReplyPending, to);
    }

    /// <summary>Runs in the incarnation of the node. Without a token, because waiting with one would leave the simulation's thread.</summary>
    private async Task<(ReadOnlyMemory<byte> Reply, EngineException? Fault)> HandleAsync(MailboxNode node, EntityId entity, ReadOnlyMemory<byte> request)
    {
        try
        {
            return (await node.Mailboxes!.AskAsync(entity, request, CancellationToken.None), null);
        }
        catch (EngineException fault)
        {
            World.Checks.EntityFailed(node, entity, fault);
            return (default, fault);
        }
    }

    private void FailLater(PendingAsk ask, string code) => World.Scheduler.PostIn(
        _silence.Between(Shortest, _silence.PerMille(300) ? _longestSilence : TimeSpan.FromMilliseconds(50)),
        ask.Asker,
        () => ask.Settle(default, new EngineException(code, "Lost.", isTransient: true)));

    /// <summary>The network as one node sees it.</summary>
    private sealed class Port(MailboxNetwork network, Node node) : IEngine
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
