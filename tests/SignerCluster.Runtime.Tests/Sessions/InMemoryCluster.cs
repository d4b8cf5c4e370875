using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
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
using SignerCluster.Runtime.Coordination;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Participants;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>
/// A whole cluster in one process: a coordinator node and a participant node a seat, each with its own engine and journal, and a network
/// between them that can silence a seat, restart it in the middle of a round, lie for it, and remembers every share that was released.
/// Time never moves, so whatever finishes here needs no timer.
/// </summary>
internal sealed class InMemoryCluster : IEngine, IAsyncDisposable
{
    private readonly ConcurrentDictionary<SeatId, Node> _seats = new();
    private readonly ConcurrentDictionary<SeatId, bool> _restarted = new();
    private readonly ConcurrentBag<(SeatAddress Seat, Commitment Commitment, PackageHash Package, Share Share)> _released = [];
    private readonly ConcurrentDictionary<SeatId, bool> _caught = new();
    private readonly Gate _liarsCaught = new("every liar's share was reported");
    private readonly MemoryJournal _transcript = new();
    private readonly ManualTime _time = new();
    private readonly TestGroup _group;
    private Node _coordinator;

    internal InMemoryCluster(TestGroup group, SeatSet liars, SeatSet silent, SeatSet restarting)
    {
        _group = group;
        (Liars, Silent, Restarting) = (liars, silent, restarting);
        foreach (SeatId seat in group.Public.Seats)
        {
            _seats[seat] = StartSeat(seat, new MemoryJournal());
        }

        _coordinator = StartCoordinator();
    }

    internal Coordinator Coordinator => _coordinator.Coordinator!;

    /// <summary>Every share that ever left a seat, with the commitment it used and the package it was given for.</summary>
    internal IReadOnlyCollection<(SeatAddress Seat, Commitment Commitment, PackageHash Package, Share Share)> Released => _released;

    internal ManualTime Time => _time;

    private SeatSet Liars { get; }

    private SeatSet Silent { get; }

    private SeatSet Restarting { get; }

    /// <summary>While set, no share reaches the coordinator.</summary>
    internal bool SharesAreLost { get; set; }

    /// <summary>Seats of participants that were never given the group.</summary>
    internal SeatSet Uninstalled { get; init; }

    internal int RestartedSeats => _restarted.Count;

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (to.Kind == EntityKind.RoastCoordinator)
        {
            ReadOnlyMemory<byte> taken = await _coordinator.Engine.AskAsync(to, request, cancellation);
            NoteCaught(request);
            return taken;
        }

        SeatAddress seat = EntityAddress.ToSeat(to);
        IReadOnlyList<SeatRequest> requests = Decode(request);
        bool asksForShare = requests.Any(static asked => asked is SeatRequest.SignShare);
        if (Silent.Contains(seat.Seat) || (SharesAreLost && asksForShare))
        {
            throw new EngineException("unroutable", "The seat is silent.", isTransient: true);
        }

        // Honest seats that the liars can do without come late, so that every liar is among the first signers and is caught.
        if (seat.Seat.Value >= _group.Public.Threshold && !Liars.IsEmpty && requests.Any(static asked => asked is SeatRequest.Open))
        {
            await _liarsCaught.WaitAsync();
        }

        if (asksForShare && Restarting.Contains(seat.Seat) && _restarted.TryAdd(seat.Seat, true))
        {
            Node before = _seats[seat.Seat];
            _seats[seat.Seat] = StartSeat(seat.Seat, before.Journal);
            await before.DisposeAsync();
        }

        ReadOnlyMemory<byte> reply = await _seats[seat.Seat].Engine.AskAsync(to, request, cancellation);
        return Relay(seat, requests, reply);
    }

    /// <summary>The coordinator's process dies and another one takes its journal over.</summary>
    internal async Task TakeOverAsync()
    {
        Node before = _coordinator;
        _coordinator = StartCoordinator();
        await before.DisposeAsync();
        await Coordinator.ResumeAsync(CancellationToken.None);
    }

    internal async Task<IReadOnlyList<RoastEvent>> TranscriptAsync(CoordinatorAddress session) =>
        [.. (await _transcript.ReadAsync(EntityAddress.Of(session), 0, CancellationToken.None))
            .Select(static row => RoastCodec.Events.Decode(row.Manifest, row.Message.Span))];

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        foreach (Node node in _seats.Values)
        {
            await node.DisposeAsync();
        }
    }

    private Node StartSeat(SeatId seat, MemoryJournal journal)
    {
        Standing standing = _group.Standing with { HeldSeats = SeatSet.Of(seat) };
        Participant participant = new(
            journal,
            (_, held) => held == seat ? _group.ShareOf(seat) : null,
            _ => Uninstalled.Contains(seat) ? Standing.Unknown : standing,
            () => this,
            new ParticipantSettings(),
            SealedStores.NoQuarantine,
            _group.Draw,
            _time);
        return new Node(Host(EntityKind.SigningSession, participant.Activate), journal, participant, null);
    }

    private Node StartCoordinator()
    {
        Coordinator coordinator = new(new CoordinatorParts(
            _transcript,
            _ => _group.Standing with { HeldSeats = default },
            () => this,
            new CoordinatorSettings(),
            SealedStores.NoQuarantine,
            _time,
            NullLoggerFactory.Instance));
        return new Node(Host(EntityKind.RoastCoordinator, coordinator.Activate), _transcript, null, coordinator);
    }

    private Mailboxes Host(string kind, Func<EntityId, IEntity> activate) =>
        new(new MailboxSettings(), _time, new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [kind] = activate });

    /// <summary>Remembers the shares of a reply and, for a liar, puts other bytes in their place.</summary>
    private ReadOnlyMemory<byte> Relay(SeatAddress seat, IReadOnlyList<SeatRequest> requests, ReadOnlyMemory<byte> reply)
    {
        Assert.True(Message.TryDecode(reply.Span, WireJson.Default.IReadOnlyListSeatAnswer, out IReadOnlyList<SeatAnswer>? answers, out _));
        List<SeatAnswer> relayed = [];
        foreach ((SeatRequest asked, SeatAnswer answer) in requests.Zip(answers))
        {
            SeatAnswer passed = answer;
            if (asked is SeatRequest.SignShare sign && answer is SeatAnswer.Granted { Reply: SeatReply.Signed signed })
            {
                sign.Package.Commitments.TryGet(seat.Seat, out Commitment commitment);
                _released.Add((seat, commitment, sign.Package.ComputeHash(), signed.Share));
                passed = Liars.Contains(seat.Seat)
                    ? new SeatAnswer.Granted(signed with { Share = new Share(sign.Package.Message) })
                    : answer;
            }

            relayed.Add(passed);
        }

        return Message.Encode<IReadOnlyList<SeatAnswer>>(relayed, WireJson.Default.IReadOnlyListSeatAnswer);
    }

    private void NoteCaught(ReadOnlyMemory<byte> request)
    {
        if (Message.TryDecode(request.Span, WireJson.Default.CoordinatorCommand, out CoordinatorCommand? command, out _)
            && command is CoordinatorCommand.SeatAnswered report && Liars.Contains(report.Seat)
            && report.Answers.Any(static answer => answer is SeatAnswer.Granted { Reply: SeatReply.Signed })
            && _caught.TryAdd(report.Seat, true) && _caught.Count == Liars.Count)
        {
            _liarsCaught.Open();
        }
    }

    private static IReadOnlyList<SeatRequest> Decode(ReadOnlyMemory<byte> request) =>
        Message.TryDecode(request.Span, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out _)
            ? requests
            : throw new FormatException();

    /// <summary>One process: an engine with what it hosts.</summary>
    private sealed record Node(Mailboxes Engine, MemoryJournal Journal, Participant? Participant, Coordinator? Coordinator) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Coordinator?.Dispose();
            await Engine.DisposeAsync();
            Participant?.Dispose();
        }
    }
}
