using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Tests.Sessions;

public sealed class SessionExpiryTests
{
    private static readonly EntityId _one = EntityId.Parse("seat/one");
    private readonly ManualTime _time = new();
    private readonly List<EntityId> _expired = [];

    [Fact]
    public void N10_A_session_that_stays_open_is_asked_to_end_without_any_traffic()
    {
        using SessionExpiry expiry = Start();
        expiry.Note(_one, isOpen: true);
        _time.Advance(TimeSpan.FromMinutes(39));
        Assert.Empty(_expired);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([_one], _expired);
    }

    [Fact]
    public void A_session_that_ended_in_time_is_left_alone()
    {
        using SessionExpiry expiry = Start();
        expiry.Note(_one, isOpen: true);
        expiry.Note(_one, isOpen: false);
        Assert.Equal(0, expiry.Count);
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Empty(_expired);
    }

    [Fact]
    public void Traffic_does_not_keep_a_session_open_and_a_failed_ending_is_tried_again()
    {
        using SessionExpiry expiry = Start();
        for (int minute = 0; minute < 40; minute += 5)
        {
            expiry.Note(_one, isOpen: true);
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.Equal([_one], _expired);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([_one, _one], _expired);
    }

    [Fact]
    public void A_disposed_expiry_leaves_no_timer()
    {
        Start().Dispose();
        Assert.Equal(0, _time.ArmedTimers);
    }

    private SessionExpiry Start() => new(TimeSpan.FromMinutes(40), _time, entity =>
    {
        _expired.Add(entity);
        return Task.FromException(new EngineException("the entity was not reached"));
    });
}
