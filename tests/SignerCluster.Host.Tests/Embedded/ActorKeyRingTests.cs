using Akka.Actor;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Host.Tests.Embedded;

/// <summary>Who waits for a key ring while its node stops.</summary>
public sealed class ActorKeyRingTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_waits_for_a_ring_that_a_stopping_node_has_handed_over_is_told_at_once()
    {
        using ActorSystem system = ActorSystem.Create("rings", "akka.loggers = []");
        TaskCompletionSource heard = new();
        using CancellationTokenSource stopping = new();
        ActorKeyRing ring = new(system.ActorOf(Props.Create(() => new Silent(heard))), stopping.Token);
        Task<KeyRingAnswer> waiting = ring.AskAsync(new KeyRingCommand.Show()).AsTask();
        await heard.Task.WaitAsync(_patience);
        Assert.False(waiting.IsCompleted);

        await stopping.CancelAsync();

        JournalException fault = await Assert.ThrowsAsync<JournalException>(() => waiting.WaitAsync(_patience));
        Assert.Equal((IKeyRing.StoppedCode, true), (fault.Code, fault.IsTransient));
        await Assert.ThrowsAsync<JournalException>(() => ring.AskAsync(new KeyRingCommand.Show()).AsTask().WaitAsync(_patience));
    }

    /// <summary>Stands for a ring whose singleton is gone: it never answers.</summary>
    private sealed class Silent(TaskCompletionSource heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.TrySetResult();
    }
}
