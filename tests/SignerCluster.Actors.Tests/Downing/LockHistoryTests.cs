using SignerCluster.Actors.Downing;

namespace SignerCluster.Actors.Tests.Downing;

/// <summary>When a node is dead, as one that watches it judges.</summary>
public sealed class LockHistoryTests
{
    private const int Own = 1;
    private const int Other = 2;
    private static readonly HashSet<int> _members = [Own, Other];

    public static TheoryData<bool, bool, bool, bool> AllCases
    {
        get
        {
            TheoryData<bool, bool, bool, bool> cases = [];
            for (int bits = 0; bits < 16; bits++)
            {
                cases.Add((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(AllCases))]
    public void Only_one_whose_lock_was_seen_and_is_gone_beside_ours_and_whose_port_refuses_is_dead(bool wasSeen, bool isHeld, bool holdsOwn, bool refuses)
    {
        LockHistory history = LockHistory.Nothing.After(wasSeen ? View(1, Own, Other) : View(1, Own), _members);
        NodeLocksView now = (isHeld ? View(1, Own, Other) : View(1, Own)) with { HoldsOwn = holdsOwn };
        Assert.Equal(wasSeen && !isHeld && holdsOwn && refuses, history.After(now, _members).IsDead(Other, refuses));
    }

    [Fact]
    public void What_was_seen_on_another_connection_is_forgotten()
    {
        LockHistory history = LockHistory.Nothing.After(View(1, Own, Other), _members).After(View(2, Own), _members);
        Assert.False(history.IsDead(Other, refuses: true));
        Assert.False(history.After(View(2, Own), _members).IsDead(Other, refuses: true));

        history = history.After(View(2, Own, Other), _members).After(View(2, Own), _members);
        Assert.True(history.IsDead(Other, refuses: true));
    }

    [Fact]
    public void What_was_seen_before_the_own_lock_went_is_forgotten()
    {
        LockHistory history = LockHistory.Nothing.After(View(1, Own, Other), _members)
            .After(View(1) with { HoldsOwn = false }, _members)
            .After(View(1, Own), _members);
        Assert.False(history.IsDead(Other, refuses: true));
    }

    [Fact]
    public void A_lock_that_comes_back_is_a_living_node_again()
    {
        LockHistory history = LockHistory.Nothing.After(View(1, Own, Other), _members).After(View(1, Own), _members).After(View(1, Own, Other), _members);
        Assert.False(history.IsGone(Other));
        Assert.False(history.IsDueForDial(Other));
    }

    [Fact]
    public void A_lock_may_be_seen_before_its_holder_is_a_member_and_is_forgotten_when_it_goes_first()
    {
        HashSet<int> alone = [Own];
        LockHistory early = LockHistory.Nothing.After(View(1, Own, Other), alone);
        Assert.True(early.After(View(1, Own), _members).IsDead(Other, refuses: true));
        Assert.False(early.After(View(1, Own), alone).After(View(1, Own), _members).IsDead(Other, refuses: true));
    }

    [Fact]
    public void A_port_is_asked_at_once_and_soon_after_and_then_rarely()
    {
        LockHistory history = LockHistory.Nothing.After(View(1, Own, Other), _members);
        List<int> dials = [];
        for (int look = 1; look <= 40; look++)
        {
            history = history.After(View(1, Own), _members);
            if (history.IsDueForDial(Other))
            {
                dials.Add(look);
            }
        }

        Assert.Equal([1, 2, 4, 8, 10, 20, 30, 40], dials);
    }

    private static NodeLocksView View(long connection, params int[] holders) => new(connection, HoldsOwn: true, holders.ToHashSet());
}
