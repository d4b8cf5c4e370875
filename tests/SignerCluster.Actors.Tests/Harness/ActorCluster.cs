using System.Collections.Concurrent;
using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>
/// A coordinator and a participant a seat, each with its own journal, and a network between them that can silence a seat, restart it in the middle of a round,
/// lie for it, and remembers every share that was released. The time of actors never moves, so whatever finishes here needs no timer.
/// </summary>
internal sealed class ActorCluster : IDisposable
{
    private readonly ConcurrentBag<(SeatAddress Seat, Batch<Commitment> Commitment, PackageHash Package, Batch<Share> Share)> _released = [];
    private readonly Dictionary<SeatId, SeatNode> _seats = [];
    private readonly MemoryJournal _transcript = new();
    private readonly ActorsTest _test;
    private readonly TestGroup _group;
    private readonly IActorRef _network;

    internal ActorCluster(ActorsTest test, TestGroup group, SeatSet liars, SeatSet silent, SeatSet restarting)
    {
        (_test, _group, Liars, Silent, Restarting) = (test, group, liars, silent, restarting);
        foreach (SeatId seat in group.Public.Seats)
        {
            MemoryJournal journal = new();
            _seats[seat] = StartSeat(seat, journal);
        }

        _network = test.Sys.ActorOf(Props.CreateBy(new Produced<Network>(() => new Network(this))));
        Sessions = StartCoordinator();
    }

    internal IActorRef Sessions { get; private set; }

    /// <summary>Every share that ever left a seat, with the commitment it used and the package it was given for.</summary>
    internal IReadOnlyCollection<(SeatAddress Seat, Batch<Commitment> Commitment, PackageHash Package, Batch<Share> Share)> Released => _released;

    internal SeatSet Liars { get; }

    internal SeatSet Silent { get; }

    internal SeatSet Restarting { get; }

    /// <summary>While set, no share is asked of a seat; its opening says that one would have been.</summary>
    internal Gate? SharesAreLost { get; set; }

    /// <summary>Seats of participants that were never given the group.</summary>
    internal SeatSet Uninstalled { get; set; }

    internal int RestartedSeats { get; private set; }

    /// <summary>The coordinator's process dies and another one takes its journal over.</summary>
    internal async Task TakeOverAsync(CoordinatorAddress session)
    {
        Task ended = ActorsTest.HasEndedAsync(Sessions);
        _test.Sys.Stop(Sessions);
        await ended;
        Sessions = StartCoordinator();
        Sessions.Tell(new Wake(EntityAddress.Of(session)), ActorRefs.NoSender);
    }

    internal async Task<IReadOnlyList<RoastEvent>> TranscriptAsync(CoordinatorAddress session) =>
        [.. (await _transcript.ReadAsync(EntityAddress.Of(session), 0, CancellationToken.None))
            .Select(static row => RoastCodec.Events.Decode(row.Manifest, row.Message.Span))];

    public void Dispose()
    {
        foreach (SeatNode seat in _seats.Values)
        {
            seat.Vault.Dispose();
        }
    }

    private IActorRef StartCoordinator()
    {
        CoordinatorParts parts = new(
            _test.PluginOver(_transcript),
            _network,
            _test.NoGuardians,
            _ => _group.Standing with { HeldSeats = default },
            SealedStores.NoQuarantine,
            new CoordinatorSettings());
        return _test.Region(id => RoastCoordinatorActor.Props(id, parts)).Ref;
    }

    private SeatNode StartSeat(SeatId seat, MemoryJournal journal)
    {
        NonceVault vault = new(new NonceVaultSettings(), new ManualTime());
        Standing standing = _group.Standing with { HeldSeats = SeatSet.Of(seat) };
        SeatParts parts = new(
            _test.PluginOver(journal, $"seat-{seat.Value}"),
            vault,
            new SeatKeeper(vault, (_, held) => held == seat ? _group.ShareOf(seat) : null, _group.Draw),
            _test.NoGuardians,
            _ => Uninstalled.Contains(seat) ? Standing.Unknown : standing,
            SealedStores.NoQuarantine,
            SeatBench.Expiry);
        return new SeatNode(journal, vault, _test.Region(id => SigningSessionActor.Props(id, parts)).Ref);
    }

    private void Restart(SeatId seat)
    {
        SeatNode before = _seats[seat];
        before.Vault.Dispose();
        _test.Sys.Stop(before.Region);
        _seats[seat] = StartSeat(seat, before.Journal);
        RestartedSeats++;
    }

    private sealed record SeatNode(MemoryJournal Journal, NonceVault Vault, IActorRef Region);

    private sealed class Network(ActorCluster cluster) : UntypedActor
    {
        private readonly Dictionary<(SeatAddress Seat, long Ask), (ToSeat Message, IActorRef Session)> _asked = [];
        private readonly List<ToSeat> _late = [];
        private readonly HashSet<SeatId> _restarted = [];
        private SeatSet _caught;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ToSeat asked:
                    _asked[(asked.Seat, asked.Ask)] = (asked, Sender);
                    Carry(asked);
                    break;
                case FromSeat answered when _asked.Remove((answered.Seat, answered.Ask), out (ToSeat Message, IActorRef Session) asked):
                    asked.Session.Tell(
                        answered with
                        {
                            Answers = [.. asked.Message.Requests.Zip(answered.Answers, (request, answer) => Pass(answered.Seat, request, answer))],
                        });
                    ReleaseLate();
                    break;
            }
        }

        private void Carry(ToSeat asked)
        {
            SeatId seat = asked.Seat.Seat;
            bool asksForShare = asked.Requests.Any(static request => request is SeatRequest.SignShare);
            if (cluster.Silent.Contains(seat))
            {
                return;
            }

            if (asksForShare && cluster.SharesAreLost is { } lost)
            {
                lost.Open();
                return;
            }

            // Honest seats that the liars can do without come late, so that every liar is among the first signers and is caught.
            if (seat.Value >= cluster._group.Public.Threshold && _caught.Count < cluster.Liars.Count
                && asked.Requests.Any(static request => request is SeatRequest.Open))
            {
                _late.Add(asked);
                return;
            }

            if (asksForShare && cluster.Restarting.Contains(seat) && _restarted.Add(seat))
            {
                cluster.Restart(seat);
            }

            cluster._seats[seat].Region.Tell(asked);
        }

        /// <summary>Remembers a share and, for a liar, puts other bytes in its place.</summary>
        private SeatAnswer Pass(SeatAddress seat, SeatRequest request, SeatAnswer answer)
        {
            if (request is not SeatRequest.SignShare sign || answer is not SeatAnswer.Granted { Reply: SeatReply.Signed signed })
            {
                return answer;
            }

            sign.Package.Commitments.TryGet(seat.Seat, out Batch<Commitment>? commitment);
            cluster._released.Add((seat, commitment!, sign.Package.ComputeHash(), signed.Share));
            if (!cluster.Liars.Contains(seat.Seat))
            {
                return answer;
            }

            _caught = SeatSet.Of([.. _caught.Append(seat.Seat).Distinct()]);
            return new SeatAnswer.Granted(signed with { Share = new Share(sign.Package.Message[0]) });
        }

        private void ReleaseLate()
        {
            if (_caught.Count == cluster.Liars.Count)
            {
                _late.ForEach(Carry);
                _late.Clear();
            }
        }
    }
}
