using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.KeyRings;

/// <summary>
/// The key ring of one journal as an entity: one reader, one history, kept unsealed in the very journal whose keys it holds, so that an
/// activation and the appends around it are ordered by one store.
/// </summary>
public sealed class KeyRingEntity : IEntity
{
    private readonly DecisionLoop<KeyRingState, KeyRingCommand, KeyRingEvent, KeyRingEffect, KeyRingState> _loop;

    public KeyRingEntity(IJournalStore store, Quarantine quarantine, TimeProvider time) =>
        _loop = new(
            EntityAddress.KeyRing,
            KeyRingState.Empty,
            KeyRingDecider.Decider,
            KeyRingCodec.Events,
            store,
            NoSecrets<KeyRingCommand>.Keeper,
            static (_, _) => { },
            quarantine,
            time)
        {
            ActiveKeyEpoch = static ring => ring.Active?.Epoch ?? 0,
        };

    public bool IsIdle => false;

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        if (!Message.TryDecode(request.Span, WireJson.Default.KeyRingCommand, out KeyRingCommand? command, out Refusal? malformed))
        {
            return Encode(new KeyRingAnswer.Refused(malformed));
        }

        IReadOnlyList<Verdict<KeyRingState>> verdicts = await _loop.HandleAsync([() => command], stopping);
        return Encode(verdicts[0] switch
        {
            Verdict<KeyRingState>.Granted granted => new KeyRingAnswer.Granted(granted.Reply),
            Verdict<KeyRingState>.Refused refused => new KeyRingAnswer.Refused(refused.Refusal),
            Verdict<KeyRingState>.Failed failed => new KeyRingAnswer.Failed(failed.Fault.Code, failed.Fault.IsTransient),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    private static byte[] Encode(KeyRingAnswer answer) => Message.Encode(answer, WireJson.Default.KeyRingAnswer);
}
