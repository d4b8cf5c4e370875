using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Actors.Wakers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Tests.Wakers;

/// <summary>Open entities are told to go on, all of them, at a limited rate, again and again.</summary>
public sealed class WakerActorTests : ActorsTest
{
    private static readonly WakerSettings _settings = new() { PageLength = 3 };
    private readonly TestProbe _region;
    private int _open = 8;
    private int _walks;
    private bool _isUnreadable;

    public WakerActorTests() => _region = CreateTestProbe();

    [Fact]
    public async Task D7_Every_open_entity_is_woken_page_by_page_and_again_after_the_period()
    {
        Akka.Actor.IActorRef waker = Start();
        for (int walk = 1; walk <= 2; walk++)
        {
            await WokenAsync(waker, 0, 1, 2);
            Time.Advance(_settings.PagePause);
            await WokenAsync(waker, 3, 4, 5);
            Time.Advance(_settings.PagePause);
            await WokenAsync(waker, 6, 7);
            Assert.Equal(walk, _walks);
            Time.Advance(_settings.Period - TimeSpan.FromMilliseconds(1));
            await IsAtRestAsync(waker);
            Assert.False(_region.HasMessages);
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public async Task A_list_that_ends_with_a_full_page_is_ended_by_an_empty_one()
    {
        _open = 3;
        Akka.Actor.IActorRef waker = Start();
        await WokenAsync(waker, 0, 1, 2);
        Time.Advance(_settings.PagePause);
        await IsAtRestAsync(waker);
        await AwaitAssertAsync(() => Assert.Equal(1, _walks));
        Assert.False(_region.HasMessages);
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_is_read_again_after_the_period()
    {
        _isUnreadable = true;
        Akka.Actor.IActorRef waker = null!;
        await EventFilter.Warning(contains: "cannot be listed").ExpectOneAsync(() =>
        {
            waker = Start();
            return Task.CompletedTask;
        });
        _isUnreadable = false;
        await IsAtRestAsync(waker);
        Time.Advance(_settings.Period);
        await WokenAsync(waker, 0, 1, 2);
    }

    private Akka.Actor.IActorRef Start() => Sys.ActorOf(WakerActor.Props(new WakerParts(ListOpenAsync, _region, _settings)));

    private async Task WokenAsync(Akka.Actor.IActorRef waker, params int[] numbers)
    {
        foreach (int number in numbers)
        {
            Assert.Equal(new Wake(Entity(number)), await _region.ExpectMsgAsync<Wake>());
        }

        await IsAtRestAsync(waker);
        Assert.False(_region.HasMessages);
    }

    private async IAsyncEnumerable<EntityId> ListOpenAsync()
    {
        await Task.Yield();
        for (int number = 0; number < _open; number++)
        {
            yield return _isUnreadable ? throw new JournalException("The disk does not answer.") : Entity(number);
        }

        _walks++;
    }

    private static EntityId Entity(int number) => EntityId.Parse($"session/{number}");
}
