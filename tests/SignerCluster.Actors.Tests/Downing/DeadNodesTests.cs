using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using SignerCluster.Actors.Downing;
using SignerCluster.Actors.Tests.Harness;

namespace SignerCluster.Actors.Tests.Downing;

/// <summary>Who was declared dead is not available, in the actor system that declared it and for as long as it is a member.</summary>
public sealed class DeadNodesTests : IAsyncLifetime
{
    private static readonly UniqueAddress _member = new(new Address("akka.tcp", "signer", "127.0.0.1", 9), 7);
    private static readonly UniqueAddress _neighbour = new(new Address("akka.tcp", "signer", "127.0.0.1", 99), 8);
    private ClusterNode _one = null!;
    private ClusterNode _another = null!;

    public async Task InitializeAsync() =>
        (_one, _another) = (await ClusterNode.StartAsync(ClusterNode.NoTransport), await ClusterNode.StartAsync(ClusterNode.NoTransport));

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _another.DisposeAsync();
    }

    [Fact]
    public void A_member_that_was_declared_dead_is_not_available_and_neither_its_neighbour_nor_another_system_is_touched()
    {
        WitnessedFailureDetector made = Detector(_one.System, _member);
        DeadNodes.Of(_one.System).Declare(_member);

        Assert.False(made.IsAvailable);
        Assert.False(Detector(_one.System, _member).IsAvailable);
        Assert.True(Detector(_one.System, _neighbour).IsAvailable);
        Assert.True(Detector(_another.System, _member).IsAvailable);
        DeadNodes.Of(_another.System).Declare(_neighbour);
        Assert.True(Detector(_another.System, _member).IsAvailable);
    }

    [Fact]
    public void An_address_may_be_used_again_when_its_dead_incarnation_is_no_member_any_more()
    {
        DeadNodes dead = DeadNodes.Of(_one.System);
        dead.Declare(_member);
        dead.Declare(_neighbour);

        dead.KeepOnly([_neighbour, new UniqueAddress(_member.Address, 70)]);

        Assert.True(Detector(_one.System, _member).IsAvailable);
        Assert.False(Detector(_one.System, _neighbour).IsAvailable);
    }

    private static WitnessedFailureDetector Detector(ActorSystem system, UniqueAddress member)
    {
        Config config = ConfigurationFactory.ParseString(
            "threshold = 8.0, max-sample-size = 10, min-std-deviation = 100ms, acceptable-heartbeat-pause = 300s, heartbeat-interval = 1s");
        WitnessedFailureDetector detector = new(config, system.EventStream) { Address = member.Address.ToString() };
        detector.HeartBeat();
        return detector;
    }
}
