using System.Buffers.Binary;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;
using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// K1, K2, K6: every row is sealed under the key that is active when it is committed, no key goes while a row needs it, and providers are left alone.
/// </summary>
internal sealed class SealingChecker(World world) : Checker(world)
{
    private const int HeaderBytes = 13;

    internal override void Stored(Operator owner, JournalAppend append, IReadOnlyList<JournalEntry> plain)
    {
        if (append.Id.Kind == EntityKind.KeyRing)
        {
            CheckRing(owner, append);
            return;
        }

        Findings.Demand(
            append.KeyEpoch == owner.Ledger.ActiveEpoch && append.KeyEpoch > 0,
            "K1", () => $"{Wording.Of(append.Id)} was sealed under epoch {append.KeyEpoch} and committed while {owner.Ledger.ActiveEpoch} was active.");
        for (int index = 0; index < plain.Count; index++)
        {
            ReadOnlySpan<byte> envelope = append.Entries[index].Message.Span;
            bool isSealed = envelope.Length > HeaderBytes && envelope[0] == 1 && BinaryPrimitives.ReadInt32BigEndian(envelope[1..]) == append.KeyEpoch;
            Findings.Demand(isSealed, "K1", () => $"An envelope of {Wording.Of(append.Id)} names another epoch than the row's {append.KeyEpoch}.");
            Findings.Demand(envelope.IndexOf(plain[index].Message.Span) < 0, "K1", () => $"{Wording.Of(append.Id)} was stored in the clear.");
        }
    }

    internal override void TurnEnded(Node node, EntityId id, TurnWatch turn)
    {
        bool needed = turn.HasLoaded || turn.HasWritten;
        Findings.Demand(
            needed || turn.Fetches == 0, "K2", () => $"{Wording.Of(id)} on {node.Name} called the key provider for an answer that needed nothing but memory.");
    }

    private void CheckRing(Operator owner, JournalAppend append)
    {
        foreach (JournalEntry entry in append.Entries)
        {
            switch (KeyRingCodec.Events.Decode(entry.Manifest, entry.Message.Span))
            {
                case KeyRingEvent.KeyActivated activated:
                    Findings.Demand(
                        append.ActivatesKeyEpoch >= activated.Epoch, "K1", () => $"{owner.Name} activated epoch {activated.Epoch} and did not tell the store.");
                    owner.Ledger.ActiveEpoch = activated.Epoch;
                    World.Damage.HealMoved(owner);
                    break;
                case KeyRingEvent.KeysRewrapped rewrapped:
                    owner.NoteRewrapped(rewrapped.WrappedUnder);
                    break;
                case KeyRingEvent.KeyRetired retired:
                    int needing = owner.Disk.AllRows().Count(stored => stored.Row.KeyEpoch == retired.Epoch);
                    Findings.Demand(needing == 0, "K6", () => $"{owner.Name} retired epoch {retired.Epoch}, which {needing} rows need.");
                    break;
                default:
                    break;
            }
        }
    }
}
