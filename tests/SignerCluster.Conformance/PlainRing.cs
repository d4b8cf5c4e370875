using SignerCluster.Actors;
using SignerCluster.Actors.KeyRings;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Conformance;

/// <summary>A key ring without an actor: read again whenever somebody else has written.</summary>
public sealed class PlainRing(IJournalStore store) : IKeyRing
{
    private readonly Guid _writer = Guid.NewGuid();
    private volatile Known _known = new(KeyRingState.Empty, 0);

    public async ValueTask<KeyRingAnswer> AskAsync(KeyRingCommand command)
    {
        // An entity answers on another thread than the asker's.
        await Task.Yield();
        try
        {
            Verdict<KeyRingState>? verdict = null;
            while (verdict is null)
            {
                verdict = await TryAsync(command);
            }

            return KeyRingActor.ToAnswer(verdict);
        }
        catch (UnreadableHistoryException unreadable)
        {
            return new KeyRingAnswer.Refused(unreadable.ToRefusal());
        }
        catch (JournalException fault)
        {
            return new KeyRingAnswer.Failed(fault.Code, fault.IsTransient);
        }
    }

    /// <summary>Null when somebody else wrote first.</summary>
    private async Task<Verdict<KeyRingState>?> TryAsync(KeyRingCommand command)
    {
        (KeyRingState ring, long version) = _known = await KnowAsync();
        using Turn<KeyRingState, KeyRingCommand, KeyRingEvent, KeyRingEffect, KeyRingState> turn =
            new(ring, KeyRingDecider.Decider, NoSecrets<KeyRingCommand>.Keeper);
        turn.Decide([() => command]);
        if (turn.Events.Count == 0)
        {
            return turn.Verdicts[0];
        }

        JournalEntry[] entries = [.. turn.Events.Select(KeyRingCodec.Events.Encode).Select(static stored => new JournalEntry(stored.StoredName, stored.Bytes))];
        return await store.AppendAsync(new JournalAppend(EntityAddress.KeyRing, version, entries, OpenAfter: false, _writer, DateTimeOffset.UnixEpoch)
        {
            ActivatesKeyEpoch = turn.State.Active?.Epoch ?? 0,
        }) switch
        {
            AppendOutcome.Appended => turn.Verdicts[0],
            AppendOutcome.Conflict => null,
            var failed => throw AppendFailedException.FaultOf(failed),
        };
    }

    private async Task<Known> KnowAsync()
    {
        Known known = _known;
        if (await store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None) == known.Version)
        {
            return known;
        }

        IReadOnlyList<JournalRow> rows = await store.ReadAsync(EntityAddress.KeyRing, known.Version, CancellationToken.None);
        return rows.Aggregate(known, static (known, row) => new Known(
            KeyRingCodec.Events.Replay(
                EntityAddress.KeyRing, row.SequenceNumber, row.Manifest, row.Message.Span, known.Ring, KeyRingDecider.Decider.Evolve),
            row.SequenceNumber));
    }

    private sealed record Known(KeyRingState Ring, long Version);
}
