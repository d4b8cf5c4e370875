using System.Diagnostics;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Session;

/// <summary>Every arrow of the diagram in the session's State.cs, and every arrow that is missing there.</summary>
public class StateDiagramTests
{
    private static readonly Party _party = Party.Of(2, 3);
    private static readonly Batch<Commitment> _commitment = _party.Commitment(_party.Attempt(1), Party.Seat(0));

    private static readonly SigningSessionEvent _opened = new SigningSessionEvent.SessionOpened(_party.Request);
    private static readonly SigningSessionEvent _joined = new SigningSessionEvent.AttemptJoined(_party.Attempt(2), _commitment);
    private static readonly SigningSessionEvent _newer = new SigningSessionEvent.AttemptJoined(_party.Attempt(3), _commitment);
    private static readonly SigningSessionEvent _produced = new SigningSessionEvent.ShareProduced(_party.Attempt(2), default, default(Share));
    private static readonly SigningSessionEvent _aggregated = new SigningSessionEvent.AttemptAggregated(_party.Attempt(2), default(Bytes64));
    private static readonly SigningSessionEvent _aborted = new SigningSessionEvent.SessionAborted(AbortReason.Requested);

    private static readonly Dictionary<string, SigningSessionEvent[]> _phases = new(StringComparer.Ordinal)
    {
        ["Absent"] = [],
        ["Open"] = [_opened],
        ["Joined"] = [_opened, _joined],
        ["Open after a share"] = [_opened, _joined, _produced],
        ["Joined after a share"] = [_opened, _joined, _produced, _newer],
        ["Completed after a share"] = [_opened, _joined, _produced, _aggregated],
        ["Aborted after a share"] = [_opened, _joined, _produced, _aborted],
        ["Completed"] = [_opened, _joined, _aggregated],
        ["Aborted"] = [_opened, _aborted],
    };

    private static readonly Dictionary<string, SigningSessionEvent> _events = new(StringComparer.Ordinal)
    {
        ["opened"] = _opened,
        ["joined newer"] = _newer,
        ["joined the same"] = _joined,
        ["joined older"] = new SigningSessionEvent.AttemptJoined(_party.Attempt(1), _commitment),
        ["produced"] = _produced,
        ["produced for another"] = new SigningSessionEvent.ShareProduced(_party.Attempt(1), default, default(Share)),
        ["equivocation seen"] = new SigningSessionEvent.EquivocationSeen(default, _party.Package(_party.Attempt(2), Party.Seat(0), _commitment)),
        ["aggregated"] = _aggregated,
        ["aborted"] = _aborted,
    };

    private static readonly Dictionary<(string, string), Type> _arrows = new()
    {
        [("Absent", "opened")] = typeof(SessionState.Open),
        [("Open", "joined newer")] = typeof(SessionState.Joined),
        [("Open", "joined the same")] = typeof(SessionState.Joined),
        [("Open", "joined older")] = typeof(SessionState.Joined),
        [("Open", "aggregated")] = typeof(SessionState.Completed),
        [("Open", "aborted")] = typeof(SessionState.Aborted),
        [("Joined", "joined newer")] = typeof(SessionState.Joined),
        [("Joined", "produced")] = typeof(SessionState.Open),
        [("Joined", "aggregated")] = typeof(SessionState.Completed),
        [("Joined", "aborted")] = typeof(SessionState.Aborted),
        [("Open after a share", "joined newer")] = typeof(SessionState.Joined),
        [("Open after a share", "equivocation seen")] = typeof(SessionState.Open),
        [("Open after a share", "aggregated")] = typeof(SessionState.Completed),
        [("Open after a share", "aborted")] = typeof(SessionState.Aborted),
        [("Joined after a share", "equivocation seen")] = typeof(SessionState.Joined),
        [("Joined after a share", "aggregated")] = typeof(SessionState.Completed),
        [("Joined after a share", "aborted")] = typeof(SessionState.Aborted),
        [("Completed after a share", "equivocation seen")] = typeof(SessionState.Completed),
        [("Aborted after a share", "equivocation seen")] = typeof(SessionState.Aborted),
    };

    public static TheoryData<string, string> EveryPair
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string phase in _phases.Keys)
            {
                foreach (string @event in _events.Keys)
                {
                    pairs.Add(phase, @event);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPair))]
    public void An_arrow_leads_where_it_points_and_a_missing_one_nowhere(string phase, string @event)
    {
        SessionState state = _phases[phase].Aggregate(SigningSessionDecider.Initial(_party.Address(0)), SigningSessionDecider.Evolve);
        if (_arrows.TryGetValue((phase, @event), out Type? target))
        {
            Assert.IsType(target, SigningSessionDecider.Evolve(state, _events[@event]));
        }
        else
        {
            Assert.Throws<UnreachableException>(() => SigningSessionDecider.Evolve(state, _events[@event]));
        }
    }

    [Fact]
    public void A_consumed_attempt_cannot_be_joined_again()
    {
        SigningSessionEvent[] history = [_opened, _joined, _produced, _joined];
        Assert.Throws<UnreachableException>(() => history.Aggregate(SigningSessionDecider.Initial(_party.Address(0)), SigningSessionDecider.Evolve));
    }

    [Fact]
    public void The_payload_and_the_markers_outlive_every_later_phase()
    {
        SigningSessionEvent[] history = [_opened, _joined, _produced, _events["joined newer"], _aggregated];
        SessionState.Accepted state = Assert.IsType<SessionState.Accepted>(
            history.Aggregate(SigningSessionDecider.Initial(_party.Address(0)), SigningSessionDecider.Evolve), exactMatch: false);
        Assert.Equal(_party.Request, state.Request);
        Assert.NotNull(state.Consumed.Find(_party.Attempt(2).Id));
        Assert.Equal(_party.Address(0), state.Seat);
    }
}
