using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>
/// Somebody on the wire who has seen every message to every seat and sends what he likes, as a coordinator that equivocates would. He does not send
/// an Abort, an attempt that a coordinator could have proposed, or the first word of a session: until nodes sign their messages these would be
/// believed, and rightly so.
/// </summary>
internal sealed class Adversary(World world) : Checker(world)
{
    private const int Remembered = 256;
    private readonly Choices _choices = Choices.For(world.Seed, "adversary");
    private readonly List<(SeatAddress Seat, SeatRequest Request)> _heard = [];
    private readonly List<(SeatAddress Seat, Batch<Commitment> Commitment)> _commitments = [];
    private readonly List<(SigningRequest Request, Batch<Bytes64> Signature)> _signatures = [];
    private int _next;

    internal override void SeatAnswered(SeatExchange exchange)
    {
        foreach ((SeatRequest request, SeatAnswer answer) in exchange.Pairs)
        {
            Hear(exchange.Seat, request);
            if (answer is SeatAnswer.Granted { Reply: SeatReply.Joined joined })
            {
                _commitments.Add((exchange.Seat, joined.Commitment));
            }

            if (request is SeatRequest.Complete complete && exchange.Record?.Aggregated is { } end && end.Signature == complete.Signature)
            {
                _signatures.Add((exchange.Record.Request!, complete.Signature));
            }
        }
    }

    internal void AfterStep()
    {
        for (FaultKind kind = FaultKind.ReplayPackage; kind <= FaultKind.ForgeCompletion; kind++)
        {
            if (_heard.Count > 0 && World.Faults.Wants(kind) && Devise(kind) is var (seat, request))
            {
                World.Faults.Count(kind);
                World.Trace.Note("adversary", "sends", seat, request);
                World.Network.Inject(seat, [request]);
            }
        }
    }

    private (SeatAddress Seat, SeatRequest Request)? Devise(FaultKind kind) => kind switch
    {
        FaultKind.ReplayPackage => Recall<SeatRequest.SignShare>(),
        FaultKind.ReplayOpen => Recall<SeatRequest.Open>(),
        FaultKind.ReplayCommit => Recall<SeatRequest.Commit>(),
        FaultKind.ReplayComplete => Recall<SeatRequest.Complete>(),
        FaultKind.EquivocatePackageSigners => EquivocateSigners(),
        FaultKind.EquivocatePackageMessage => EquivocateMessage(),
        FaultKind.ForgeOpen => ForgeOpen(),
        FaultKind.ForgeAttemptContext => ForgeContext(),
        FaultKind.ForgeCompletion => ForgeCompletion(),
        _ => null,
    };

    private void Hear(SeatAddress seat, SeatRequest request)
    {
        if (_heard.Count < Remembered)
        {
            _heard.Add((seat, request));
        }
        else
        {
            _heard[_next++ % Remembered] = (seat, request);
        }
    }

    /// <summary>Something heard, more often something recent.</summary>
    private (SeatAddress Seat, SeatRequest Request)? Recall<T>()
        where T : SeatRequest
    {
        (SeatAddress, SeatRequest)[] heard = [.. _heard.Where(static heard => heard.Request is T)];
        return heard.Length == 0 ? null : heard[Math.Max(_choices.Below(heard.Length), _choices.Below(heard.Length))];
    }

    /// <summary>Another package for an attempt: the seat's own commitment is right, another signer or another commitment of one is not.</summary>
    private (SeatAddress Seat, SeatRequest Request)? EquivocateSigners()
    {
        if (NewestCommit() is not var (seat, context, own))
        {
            return null;
        }

        Dictionary<SeatId, Batch<Commitment>> others = [];
        foreach ((SeatAddress other, Batch<Commitment> commitment) in _commitments.Where(other =>
            other.Seat.Session == seat.Session && other.Seat.Seat != seat.Seat && other.Commitment.Count == own.Count))
        {
            if (!others.ContainsKey(other.Seat) || _choices.PerMille(500))
            {
                others[other.Seat] = commitment;
            }
        }

        SeatId[] chosen = [.. others.Keys.Order().Where(context.Included.Contains).OrderBy(_ => _choices.Next()).Take(World.Group.Public.Threshold - 1)];
        SeatRecord record = World.Operators[seat.Seat.Value].Ledger.Find(seat)!;
        SeatCommitments commitments = SeatCommitments.From([(seat.Seat, own), .. chosen.Select(other => (other, others[other]))]);
        return commitments.Count < World.Group.Public.Threshold
            ? null
            : (seat, new SeatRequest.SignShare(new SigningPackage(context, record.Request!.Message, record.Request.Tweaks, commitments)));
    }

    private (SeatAddress Seat, SeatRequest Request)? EquivocateMessage() => Recall<SeatRequest.SignShare>() is var (seat, request)
        ? (seat, new SeatRequest.SignShare(((SeatRequest.SignShare)request).Package with { Message = OtherRequest().Message }))
        : null;

    private (SeatAddress Seat, SeatRequest Request)? ForgeOpen() =>
        Recall<SeatRequest.Open>() is var (seat, _) && World.Operators[seat.Seat.Value].Ledger.Find(seat)?.Request is not null
        ? (seat, new SeatRequest.Open(OtherRequest()))
        : null;

    private (SeatAddress Seat, SeatRequest Request)? ForgeContext()
    {
        if (Recall<SeatRequest.Commit>() is not var (seat, request))
        {
            return null;
        }

        AttemptContext context = ((SeatRequest.Commit)request).Attempt;
        return (seat, new SeatRequest.Commit(_choices.Below(3) switch
        {
            0 => context with { Number = context.Number + 1 },
            1 => context with { Included = SeatSet.FromBits(context.Included.Bits >> 1) },
            _ => context with { Number = int.MaxValue },
        }));
    }

    /// <summary>
    /// The signature of a session for something else, perhaps the same message under another tweak. One for the very same thing would be true, and whoever
    /// tells a seat that it is over is believed as a coordinator is.
    /// </summary>
    private (SeatAddress Seat, SeatRequest Request)? ForgeCompletion()
    {
        if (_signatures.Count == 0 || NewestCommit() is not var (seat, context, _))
        {
            return null;
        }

        SigningRequest own = World.Operators[seat.Seat.Value].Ledger.Find(seat)!.Request!;
        List<(SigningRequest Request, Batch<Bytes64> Signature)> near = _signatures.FindAll(signed => signed.Request.Message == own.Message);
        (SigningRequest request, Batch<Bytes64> signature) = _choices.Pick(near.Count > 0 ? near : _signatures);
        bool isTrue = request.Message == own.Message && World.Group.OutputKey(request) == World.Group.OutputKey(own);
        return isTrue ? null : (seat, new SeatRequest.Complete(context, signature));
    }

    private SigningRequest OtherRequest() => World.Group.Request(_choices);

    /// <summary>An attempt that a seat has an outstanding commitment to.</summary>
    private (SeatAddress Seat, AttemptContext Context, Batch<Commitment> Own)? NewestCommit() =>
        Recall<SeatRequest.Commit>() is var (seat, _) && World.Operators[seat.Seat.Value].Ledger.Find(seat) is { Live: { } live } record
            ? (seat, record.Joined[live].Attempt, record.Joined[live].Commitment)
            : null;
}
