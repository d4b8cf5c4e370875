using Akka.Cluster;
using Akka.Remote;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using Xunit.Abstractions;

namespace SignerCluster.Actors.Tests.Downing;

/// <summary>Who is downed in a cluster of three over real sockets, on <c>hocon/akka-party.conf</c>, and how soon its entities answer elsewhere.</summary>
public sealed class DatabaseLockDowningTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Entities = 60;

    // Enough for every dial that follows the loss of a lock closely, and for one of the late ones.
    private const int ManyLooks = 15;

    // Missing heartbeats alone take about as long before anybody is even unreachable, and minutes until the resolver of these tests acts.
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private readonly TestGroup _group = new(2, 3);
    private PartyOfThree _party = null!;

    public async Task InitializeAsync() => _party = await PartyOfThree.StartAsync();

    public async Task DisposeAsync() => await _party.DisposeAsync();

    public void Dispose() => _group.Dispose();

    [Theory]
    [InlineData(0, "the oldest")]
    [InlineData(2, "the youngest")]
    public async Task A_member_that_is_killed_is_removed_at_once_and_its_entities_answer_on_the_others(int killed, string which)
    {
        ClusterNode victim = _party.Nodes[killed];
        ClusterNode[] survivors = [.. _party.Nodes.Where(node => node != victim)];
        int[] before = await Task.WhenAll(Enumerable.Range(0, Entities).Select(number => AskUntilAnsweredAsync(1, number)));
        int[] lost = [.. Enumerable.Range(0, Entities).Where(number => before[number] == victim.Port)];
        Assert.NotEmpty(lost);

        await victim.KillAsync();

        long begun = TimeProvider.System.GetTimestamp();
        Task<int[]> answers = Task.WhenAll(lost.Select(number => AskUntilAnsweredAsync(1, number)));
        await PartyOfThree.UntilAsync("the dead node is no member", () => survivors.All(node => !IsMember(node, victim)));
        TimeSpan removed = TimeProvider.System.GetElapsedTime(begun);
        int[] after = await answers;
        TimeSpan answered = TimeProvider.System.GetElapsedTime(begun);

        output.WriteLine($"{which}: removed after {removed.TotalSeconds:F2} s, the last of {lost.Length} entities answered after {answered.TotalSeconds:F2} s");
        Assert.All(after, port => Assert.Contains(port, survivors.Select(static node => node.Port)));
        Assert.All(survivors, static node => Assert.Equal(2, UpMembers(node)));
        Assert.InRange(removed, TimeSpan.Zero, _limit);
        Assert.InRange(answered, TimeSpan.Zero, _limit);
    }

    [Fact]
    public async Task A_member_that_hears_that_another_has_put_it_out_ends_its_membership()
    {
        ClusterNode woken = _party.Nodes[0];
        woken.System.EventStream.Publish(new ThisActorSystemQuarantinedEvent(woken.Cluster.SelfAddress, _party.Nodes[1].Cluster.SelfAddress));
        await PartyOfThree.UntilAsync(
            "it is no member, and the others know it", () => woken.Cluster.IsTerminated && _party.Nodes.Skip(1).All(node => !IsMember(node, woken)));
    }

    [Fact]
    public async Task A_restart_of_the_database_downs_nobody()
    {
        for (int restart = 0; restart < 3; restart++)
        {
            _party.Server.Restart();
            await PartyOfThree.HaveLookedAsync(_party.Nodes, ManyLooks);
        }

        AssertAllAreUp();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_member_whose_lock_goes_while_its_port_accepts_is_not_downed(bool isFrozen)
    {
        if (isFrozen)
        {
            _party.Nodes[0].Locks.Freeze();
        }
        else
        {
            // It has lost its database only, and downs nobody either.
            _party.Nodes[0].Locks.Cut();
        }

        await PartyOfThree.HaveLookedAsync(_party.Nodes.Skip(1), ManyLooks);
        AssertAllAreUp();
    }

    [Fact]
    public async Task A_member_whose_lock_was_never_seen_since_the_database_restarted_is_not_downed_whatever_its_port_says()
    {
        ClusterNode victim = _party.Nodes[2];
        victim.Locks.Cut();
        _party.Server.Restart();
        await PartyOfThree.HaveLookedAsync(_party.Nodes.Take(2), ManyLooks);

        await victim.KillAsync();

        await PartyOfThree.HaveLookedAsync(_party.Nodes.Take(2), ManyLooks);
        Assert.All(_party.Nodes.Take(2), node => Assert.Equal(
            MemberStatus.Up, Assert.Single(node.Cluster.State.Members, member => member.UniqueAddress.Equals(victim.Cluster.SelfUniqueAddress)).Status));
    }

    [Fact]
    public async Task A_member_that_lost_its_database_first_and_dies_later_is_still_removed()
    {
        ClusterNode victim = _party.Nodes[2];
        victim.Locks.Cut();
        await PartyOfThree.HaveLookedAsync(_party.Nodes.Take(2), ManyLooks);
        AssertAllAreUp();

        await victim.KillAsync();

        await PartyOfThree.UntilAsync("the dead node is no member", () => _party.Nodes.Take(2).All(node => !IsMember(node, victim)));
    }

    private void AssertAllAreUp() => Assert.All(_party.Nodes, static node => Assert.Equal(3, UpMembers(node)));

    private static int UpMembers(ClusterNode node) => node.Cluster.State.Members.Count(static member => member.Status == MemberStatus.Up);

    private static bool IsMember(ClusterNode node, ClusterNode other) =>
        node.Cluster.State.Members.Any(member => member.UniqueAddress.Equals(other.Cluster.SelfUniqueAddress));

    private Task<int> AskUntilAnsweredAsync(int asker, int number) => Places.AskUntilAnsweredAsync(_party.Regions[asker], _group.Id, number);
}
