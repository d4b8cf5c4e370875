using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using SignerCluster.Conformance;
using Xunit.Abstractions;

namespace SignerCluster.Postgres.Tests.Failover;

/// <summary>
/// Three nodes of one party, two of them in processes of their own around the test's in the middle of their age, over one real server: how soon the third part
/// of the entities that one of them held answers elsewhere.
/// </summary>
public sealed class FailoverTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Entities = 200;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TestGroup _group = new(2, 3);
    private TestDatabase _database = null!;
    private NodeProcess _oldest = null!;
    private PartyNode _middle = null!;
    private NodeProcess _youngest = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _oldest = await NodeProcess.StartAsync(_database.Name, seed: null);
        _middle = await PartyNode.StartAsync(_database.Settings, _oldest.Address);
        _youngest = await NodeProcess.StartAsync(_database.Name, _oldest.Address);
        while ((await _middle.Region.Ask<CurrentRegions>(GetCurrentRegions.Instance, _patience)).Regions.Count < 3)
            await Task.Yield();
        await UntilAsync("all nodes are up", () => _middle.Cluster.State.Members.Count(static member => member.Status == MemberStatus.Up) == 3);
    }

    public async Task DisposeAsync()
    {
        await _middle.DisposeAsync();
        _oldest.Dispose();
        _youngest.Dispose();
        await _database.DisposeAsync();
    }

    public void Dispose() => _group.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_entities_of_a_killed_node_answer_on_the_others_before_missing_heartbeats_would_even_show(bool isOldest)
    {
        NodeProcess victim = isOldest ? _oldest : _youngest;
        int[] lost = await PlaceAsync(victim);

        victim.Kill();

        (TimeSpan removed, TimeSpan answered) = await MeasureAsync(victim, lost);
        string which = isOldest ? "oldest" : "youngest";
        output.WriteLine($"kill -9 {which}: removed {removed.TotalSeconds:F2} s, last of {lost.Length} answers {answered.TotalSeconds:F2} s");
        // The resolver alone needs ten.
        Assert.InRange(answered, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_node_that_freezes_is_the_resolvers_and_ends_itself_when_it_wakes()
    {
        int[] lost = await PlaceAsync(_youngest);

        await _youngest.StopAsync();

        (TimeSpan removed, TimeSpan answered) = await MeasureAsync(_youngest, lost);
        output.WriteLine($"kill -STOP youngest: removed {removed.TotalSeconds:F2} s, last of {lost.Length} answers {answered.TotalSeconds:F2} s");
        // Its port accepts all the while.
        Assert.InRange(removed, TimeSpan.FromSeconds(5), _patience);
        long woken = TimeProvider.System.GetTimestamp();
        await _youngest.ContinueAsync();
        await _youngest.HasEndedAsync();
        output.WriteLine($"kill -CONT: ended after {TimeProvider.System.GetElapsedTime(woken).TotalSeconds:F2} s");
        Assert.Equal(2, _middle.Cluster.State.Members.Count);
    }

    private async Task<int[]> PlaceAsync(NodeProcess node)
    {
        await _database.UntilAsync(
            "each node has its lock",
            "SELECT count(*) = 3 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        int[] ports = await Task.WhenAll(Enumerable.Range(0, Entities).Select(AskAsync));
        int[] lost = [.. Enumerable.Range(0, Entities).Where(number => ports[number] == node.Address.Port)];
        Assert.NotEmpty(lost);
        return lost;
    }

    private async Task<(TimeSpan Removed, TimeSpan Answered)> MeasureAsync(NodeProcess victim, int[] lost)
    {
        long begun = TimeProvider.System.GetTimestamp();
        Task<int[]> answers = Task.WhenAll(lost.Select(AskAsync));
        await UntilAsync("the node is no member", () => _middle.Cluster.State.Members.All(member => member.Address != victim.Address));
        TimeSpan removed = TimeProvider.System.GetElapsedTime(begun);
        Assert.DoesNotContain(victim.Address.Port!.Value, await answers.WaitAsync(_patience));
        return (removed, TimeProvider.System.GetElapsedTime(begun));
    }

    private Task<int> AskAsync(int number) => Places.AskUntilAnsweredAsync(_middle.Region, _group.Id, number);

    private static async Task UntilAsync(string what, Func<bool> isSo)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > _patience)
                throw new TimeoutException($"It never came to this: {what}");
            await Task.Yield();
        }
    }
}
