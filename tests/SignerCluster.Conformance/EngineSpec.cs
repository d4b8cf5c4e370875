using System.Collections.Concurrent;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;
using Xunit;

namespace SignerCluster.Conformance;

/// <summary>What every engine does. An adapter's test is a subclass that starts one that hosts the given kinds of entities.</summary>
public abstract class EngineSpec : IAsyncLifetime
{
    private static readonly EntityId _one = EntityId.Parse("echo/one");
    private readonly Gate _release = new("release");
    private IEngine? _engine;

    /// <param name="capacityPerEntity">Requests that may wait for one entity beside the one in progress.</param>
    protected abstract ValueTask<IEngine> StartAsync(IReadOnlyDictionary<string, Func<EntityId, IEntity>> kinds, int capacityPerEntity);

    protected virtual async ValueTask StopAsync(IEngine engine)
    {
        if (engine is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        _release.Open();
        if (_engine is not null)
            await StopAsync(_engine);
    }

    [Fact]
    public async Task A_request_reaches_the_entity_that_its_id_names_and_the_reply_comes_back()
    {
        IEngine engine = await HostAsync(id => new ScriptedEntity((request, _) => new((byte[])[.. request.Span, (byte)id.Parts[1].Length])));

        Assert.Equal([1, 2, 3], (await AskAsync(engine, EntityId.Parse("echo/abc"), 1, 2)).ToArray());
        Assert.Equal([5], (await AskAsync(engine, EntityId.Parse("echo/abcde"))).ToArray());
    }

    [Fact]
    public async Task Requests_to_one_entity_are_handled_in_the_order_in_which_they_arrived()
    {
        var handled = new ConcurrentQueue<byte>();
        IEngine engine = await HostAsync(_ => new ScriptedEntity(async (request, _) =>
        {
            await _release.WaitAsync();
            handled.Enqueue(request.Span[0]);
            return request;
        }));

        Task<ReadOnlyMemory<byte>>[] asks = [.. Enumerable.Range(0, 100).Select(i => AskAsync(engine, _one, (byte)i))];
        _release.Open();
        await Task.WhenAll(asks);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), handled);
    }

    [Fact]
    public async Task Requests_to_one_entity_are_handled_one_at_a_time()
    {
        int inside = 0;
        int most = 0;
        IEngine engine = await HostAsync(_ => new ScriptedEntity(async (request, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            return request;
        }));

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => AskAsync(engine, _one, 1))));

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Entities_do_not_wait_for_each_other()
    {
        IEngine engine = await HostAsync(id => new ScriptedEntity(async (request, _) =>
        {
            if (id == _one)
                await _release.WaitAsync();
            else
                _release.Open();
            return request;
        }));

        Task<ReadOnlyMemory<byte>> waiting = AskAsync(engine, _one, 1);
        await AskAsync(engine, EntityId.Parse("echo/two"), 2);
        Assert.Equal([1], (await waiting).ToArray());
    }

    [Fact]
    public async Task A_full_queue_refuses_the_next_request_at_once_and_loses_none_of_those_before_it()
    {
        var started = new Gate("first request started");
        IEngine engine = await HostAsync(capacityPerEntity: 2, _ => new ScriptedEntity(async (request, _) =>
        {
            started.Open();
            await _release.WaitAsync();
            return request;
        }));

        Task<ReadOnlyMemory<byte>> first = AskAsync(engine, _one, 1);
        await started.WaitAsync();
        Task<ReadOnlyMemory<byte>>[] queued = [AskAsync(engine, _one, 2), AskAsync(engine, _one, 3)];
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => AskAsync(engine, _one, 4));
        Assert.Equal(("overloaded", true), (refused.Code, refused.IsTransient));

        _release.Open();
        Assert.Equal([1, 2, 3], (await Task.WhenAll([first, .. queued])).Select(reply => reply.Span[0]));
        Assert.Equal([5], (await AskAsync(engine, _one, 5)).ToArray());
    }

    [Fact]
    public async Task A_kind_that_nobody_hosts_is_unroutable_for_good()
    {
        IEngine engine = await HostAsync(_ => new ScriptedEntity((request, _) => new(request)));
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => AskAsync(engine, EntityId.Parse("nobody/one"), 1));
        Assert.Equal(("unroutable", false), (refused.Code, refused.IsTransient));
    }

    [Fact]
    public async Task An_entity_that_throws_dies_and_what_waited_behind_goes_to_a_fresh_activation_in_order()
    {
        int activations = 0;
        var handled = new ConcurrentQueue<(int Activation, byte Request)>();
        IEngine engine = await HostAsync(_ =>
        {
            int activation = Interlocked.Increment(ref activations);
            return new ScriptedEntity(async (request, _) =>
            {
                await _release.WaitAsync();
                handled.Enqueue((activation, request.Span[0]));
                return request.Span[0] % 3 == 0 ? throw new InvalidOperationException("broken invariant") : request;
            })
            { IsIdle = false };
        });

        Task<ReadOnlyMemory<byte>>[] asks = [.. Enumerable.Range(1, 7).Select(i => AskAsync(engine, _one, (byte)i))];
        _release.Open();
        for (int i = 1; i <= 7; i++)
        {
            Task<ReadOnlyMemory<byte>> ask = asks[i - 1];
            if (i % 3 != 0)
            {
                Assert.Equal([(byte)i], (await ask).ToArray());
                continue;
            }

            EngineException failed = await Assert.ThrowsAsync<EngineException>(() => ask.WaitAsync(CancellationToken.None));
            Assert.Equal(("entity_failed", true), (failed.Code, failed.IsTransient));
        }

        Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6), (3, 7)], handled.Select(entry => (entry.Activation, (int)entry.Request)));
    }

    [Fact]
    public async Task An_entity_that_cannot_be_activated_fails_the_request_and_the_next_one_tries_again()
    {
        int activations = 0;
        IEngine engine = await HostAsync(_ => Interlocked.Increment(ref activations) == 1
            ? throw new InvalidOperationException("cannot be activated")
            : new ScriptedEntity((request, _) => new(request)));

        EngineException failed = await Assert.ThrowsAsync<EngineException>(() => AskAsync(engine, _one, 1));
        Assert.Equal("entity_failed", failed.Code);
        Assert.Equal([2], (await AskAsync(engine, _one, 2)).ToArray());
    }

    [Fact]
    public async Task Cancelling_stops_the_waiting_and_not_the_handling()
    {
        var started = new Gate("handling started");
        var finished = new Gate("handling finished");
        bool stoppingFired = false;
        IEngine engine = await HostAsync(_ => new ScriptedEntity(async (request, stopping) =>
        {
            started.Open();
            await _release.WaitAsync();
            stoppingFired = stopping.IsCancellationRequested;
            finished.Open();
            return request;
        }));
        using var impatience = new CancellationTokenSource();

        Task<ReadOnlyMemory<byte>> ask = engine.AskAsync(_one, new byte[] { 1 }, impatience.Token).AsTask();
        await started.WaitAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask.WaitAsync(CancellationToken.None));
        Assert.False(finished.IsOpen);

        _release.Open();
        await finished.WaitAsync();
        Assert.False(stoppingFired);
    }

    [Fact]
    public async Task A_request_that_was_cancelled_before_it_was_sent_is_not_delivered()
    {
        int handled = 0;
        IEngine engine = await HostAsync(_ => new ScriptedEntity((request, _) => new((byte[])[(byte)Interlocked.Increment(ref handled)])));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await engine.AskAsync(_one, default, cancelled.Token));
        Assert.Equal([1], (await AskAsync(engine, _one)).ToArray());
    }

    [Fact]
    public async Task C7_A_stopping_engine_takes_nothing_new_and_finishes_what_it_has()
    {
        var started = new Gate("first request started");
        IEngine engine = await HostAsync(_ => new ScriptedEntity(async (request, _) =>
        {
            started.Open();
            await _release.WaitAsync();
            return request;
        }));
        Task<ReadOnlyMemory<byte>>[] asks = [.. Enumerable.Range(0, 5).Select(i => AskAsync(engine, _one, (byte)i))];
        await started.WaitAsync();

        Task stopped = StopAsync(engine).AsTask();
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() => AskAsync(engine, _one, 9));
        Assert.Equal(("engine_stopped", true), (refused.Code, refused.IsTransient));
        Assert.False(stopped.IsCompleted);

        _release.Open();
        await stopped;
        Assert.Equal([0, 1, 2, 3, 4], (await Task.WhenAll(asks)).Select(reply => reply.Span[0]));
    }

    private static Task<ReadOnlyMemory<byte>> AskAsync(IEngine engine, EntityId to, params byte[] request) =>
        engine.AskAsync(to, request, CancellationToken.None).AsTask();

    private Task<IEngine> HostAsync(Func<EntityId, IEntity> activate) => HostAsync(capacityPerEntity: 256, activate);

    private async Task<IEngine> HostAsync(int capacityPerEntity, Func<EntityId, IEntity> activate) =>
        _engine = await StartAsync(new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { ["echo"] = activate }, capacityPerEntity);
}
