using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Coordination;

/// <summary>One coordinated session as an entity of the engine.</summary>
public sealed class CoordinatorEntity : IEntity
{
    private readonly CoordinatorAddress _address;
    private readonly Func<GroupId, Standing> _standing;
    private readonly DecisionLoop<CoordinatorState, CoordinatorAsked, RoastEvent, CoordinatorEffect, CoordinatorReply> _loop;

    public CoordinatorEntity(
        CoordinatorAddress address,
        IJournal journal,
        Func<GroupId, Standing> standing,
        Action<IReadOnlyList<CoordinatorEffect>, long> run,
        Quarantine quarantine,
        TimeProvider time)
    {
        _address = address;
        _standing = standing;
        _loop = new(
            EntityAddress.Of(address),
            RoastDecider.Initial(address),
            RoastDecider.Decider,
            RoastCodec.Events,
            journal,
            NoSecrets<CoordinatorAsked>.Keeper,
            run,
            quarantine,
            time);
    }

    public bool IsIdle => !_loop.IsOpen;

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        if (!Message.TryDecode(request.Span, WireJson.Default.CoordinatorCommand, out CoordinatorCommand? command, out Refusal? malformed))
        {
            return Encode(new CoordinatorAnswer.Refused(malformed));
        }

        IReadOnlyList<Verdict<CoordinatorReply>> verdicts = await _loop.HandleAsync(
            [() => new CoordinatorAsked(command, _standing(_address.Group))],
            stopping,
            begins: command is CoordinatorCommand.Sign,
            atLeast: command is CoordinatorCommand.SeatAnswered answered ? answered.AskedAt : 0);
        return Encode(verdicts[0] switch
        {
            Verdict<CoordinatorReply>.Granted granted => new CoordinatorAnswer.Granted(granted.Reply),
            Verdict<CoordinatorReply>.Refused refused => new CoordinatorAnswer.Refused(refused.Refusal),
            Verdict<CoordinatorReply>.Failed failed => new CoordinatorAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static byte[] Encode(CoordinatorAnswer answer) => Message.Encode(answer, WireJson.Default.CoordinatorAnswer);
}
