using Akka.Configuration;

namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>Every path that a peer may name is one that members of a cluster cannot do without.</summary>
public sealed class TrustedPathsTests
{
    private const string Key = "akka.remote.trusted-selection-paths";
    private static readonly string[] _likeAnother = ["roast-coordinator", "guardian", "covenant-job", "job-waker", "key-ring"];

    public static TheoryData<string> Needed() => [.. Shipped().Where(static path => !IsLikeAnother(path))];

    [Theory]
    [MemberData(nameof(Needed))]
    public async Task L1_Members_name_the_path_and_are_refused_without_it(string path)
    {
        string rest = string.Join(", ", Shipped().Where(other => other != path).Select(static other => $"\"{other}\""));
        await using PartyNodes party = await PartyNodes.StartAsync(
            3,
            $"""
            {Key} = [{rest}]
            akka.loglevel = DEBUG
            akka.actor.serializers.akka-containers = "Akka.Remote.Serialization.MessageContainerSerializer, Akka.Remote"
            """);
        using CancellationTokenSource done = new();
        Task joining = Task.WhenAll(party.Nodes.Select(node => node.Cluster.JoinAsync(party.Nodes[0].Cluster.SelfAddress, done.Token)));
        party.Populate();
        Task noticed = party.Log.HasAsync($"dropping inbound actor selection to [{path}]");
        if (path is "/user/waker" or "/system/sharding/signing-sessionCoordinator")
        {
            await party.AllAreUpAsync();
            _ = party.Nodes[0].Cluster.LeaveAsync(done.Token);
        }

        await noticed;
        await done.CancelAsync();
        _ = joining;
    }

    private static IList<string> Shipped() => ConfigurationFactory
        .ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "akka-party.conf")))
        .GetStringList(Key);

    /// <summary>All kinds of entities have the same paths, and so have all singletons; one of each runs here.</summary>
    private static bool IsLikeAnother(string path) => _likeAnother.Any(name => path.Contains(name, StringComparison.Ordinal));
}
