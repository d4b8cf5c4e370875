using SignerCluster.Actors;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Participants;

/// <summary>One seat's session as an entity of the engine: decodes requests, adds the facts of the moment, runs the loop, encodes answers.</summary>
public sealed class SeatEntity : IEntity
{
    /// <summary>More requests than any coordinator has reason to send at once.</summary>
    private const int MaximumRequests = 8;
    private readonly SeatAddress _seat;
    private readonly NonceVault _vault;
    private readonly Func<GroupId, Standing> _standing;
    private readonly DecisionLoop<SessionState, SessionCommand, SigningSessionEvent, SessionEffect, SeatReply> _loop;

    public SeatEntity(
        SeatAddress seat,
        IJournal journal,
        NonceVault vault,
        ISecretKeeper<SessionCommand> keeper,
        Func<GroupId, Standing> standing,
        Quarantine quarantine,
        TimeProvider time)
    {
        _seat = seat;
        _vault = vault;
        _standing = standing;
        _loop = new(
            EntityAddress.Of(seat),
            SigningSessionDecider.Initial(seat),
            SigningSessionDecider.Decider,
            SigningSessionCodec.Events,
            journal,
            keeper,
            Run,
            quarantine,
            time);
    }

    public bool IsIdle => !_loop.IsOpen;

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        if (!Message.TryDecode(request.Span, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out Refusal? malformed))
        {
            return Encode([new SeatAnswer.Refused(null, malformed)]);
        }

        if (requests.Count > MaximumRequests)
        {
            return Encode([new SeatAnswer.Refused(null, Refusals.TooManyRequests(MaximumRequests))]);
        }

        IReadOnlyList<Verdict<SeatReply>> verdicts = await _loop.HandleAsync(
            [.. requests.Select(WithFacts)], stopping, begins: requests is [SeatRequest.Open, ..]);
        return Encode([.. verdicts.Zip(requests, Answer)]);
    }

    private static byte[] Encode(IReadOnlyList<SeatAnswer> answers) => Message.Encode(answers, WireJson.Default.IReadOnlyListSeatAnswer);

    private static SeatAnswer Answer(Verdict<SeatReply> verdict, SeatRequest request) => verdict switch
    {
        Verdict<SeatReply>.Granted granted => new SeatAnswer.Granted(granted.Reply),
        // Passes by itself, so it is no drop-out from an attempt: the same request is simply tried again.
        Verdict<SeatReply>.Refused { Refusal.Code: SeatKeeper.AtCapacity } full => new SeatAnswer.Failed(full.Refusal.Code, IsTransient: true),
        Verdict<SeatReply>.Refused refused => new SeatAnswer.Refused(request.About, refused.Refusal),
        Verdict<SeatReply>.Failed failed => new SeatAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private Func<SessionCommand> WithFacts(SeatRequest request) =>
        () => new SessionCommand.Asked(request, _standing(_seat.Group), _vault.Holding(_seat));

    private void Run(IReadOnlyList<SessionEffect> effects, long version)
    {
        foreach (SessionEffect effect in effects)
        {
            if (effect is SessionEffect.WipeNonce wipe)
            {
                _vault.Wipe(wipe.Seat);
            }
        }
    }
}
