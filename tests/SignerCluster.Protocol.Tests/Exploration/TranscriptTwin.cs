using SignerCluster.Frost;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>Counts attempts from the transcript alone, in the dumbest way: an attempt is open while one of its seats owes a share and nobody left it.</summary>
internal sealed record TranscriptTwin(int MostLive, SeatId? SeatInTwoAttempts, int Completions)
{
    internal static TranscriptTwin Of(IEnumerable<RoastEvent> history)
    {
        Dictionary<SeatId, AttemptId> owes = [];
        HashSet<AttemptId> live = [];
        int most = 0;
        int completions = 0;
        SeatId? twice = null;
        foreach (RoastEvent @event in history)
        {
            switch (@event)
            {
                case RoastEvent.PackageIssued issued:
                    live.Add(issued.Attempt.Id);
                    foreach (SeatId seat in issued.Commitments.Seats)
                    {
                        twice = owes.TryAdd(seat, issued.Attempt.Id) ? twice : seat;
                    }

                    break;
                case RoastEvent.ShareAccepted accepted:
                    owes.Remove(accepted.Seat);
                    break;
                case RoastEvent.SeatConvicted convicted:
                    Leave(convicted.Seat);
                    break;
                case RoastEvent.SeatWithdrew withdrew:
                    Leave(withdrew.Seat);
                    break;
                case RoastEvent.SeatDeclined declined:
                    Leave(declined.Seat);
                    break;
                case RoastEvent.SessionCompleted:
                    completions++;
                    break;
                default:
                    break;
            }

            most = Math.Max(most, live.Count);
        }

        return new TranscriptTwin(most, twice, completions);

        void Leave(SeatId seat)
        {
            if (owes.Remove(seat, out AttemptId attempt))
            {
                live.Remove(attempt);
            }
        }
    }
}
