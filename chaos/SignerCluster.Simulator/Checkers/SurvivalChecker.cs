using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>S6: after a write of which a node knows no outcome, it signs nothing more with a nonce that it had before.</summary>
internal sealed class SurvivalChecker(World world) : Checker(world)
{
    private readonly Dictionary<(Incarnation Life, SeatAddress Seat), HashSet<AttemptId>> _spent = [];

    internal override void OutcomeUnknown(Node node, JournalAppend append)
    {
        if (append.Id.Kind == EntityKind.SigningSession)
        {
            SeatAddress seat = EntityAddress.ToSeat(append.Id);
            _spent[(node.Life, seat)] = node.Owner.Ledger.Find(seat) is { } record ? [.. record.Joined.Keys] : [];
        }
    }

    internal override void AppendAsked(Node node, JournalAppend append)
    {
        if (append.Id.Kind != EntityKind.SigningSession || !_spent.TryGetValue((node.Life, EntityAddress.ToSeat(append.Id)), out HashSet<AttemptId>? spent))
        {
            return;
        }

        foreach (JournalEntry entry in append.Entries)
        {
            SigningSessionEvent @event = SigningSessionCodec.Events.Decode(entry.Manifest, entry.Message.Span);
            bool reuses = @event is SigningSessionEvent.ShareProduced produced && spent.Contains(produced.Attempt.Id);
            Findings.Demand(!reuses, "S6", () => $"{Wording.Of(append.Id)} on {node.Name} used a nonce from before a write of which it knows no outcome.");
        }
    }
}
