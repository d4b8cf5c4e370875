using System.Collections.Concurrent;
using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Tests;

public sealed class MailboxesTests : EngineSpec
{
    private static readonly EntityId _one = EntityId.Parse("echo/one");
    private readonly ManualTime _time = new();

    [Fact]
    public async Task An_idle_entity_leaves_memory_at_once_and_the_next_request_activates_another()
    {
        int activations = 0;
        var left = new Gate("the idle entity left");
        await using Mailboxes engine = Host(_ => new ScriptedEntity(
            (request, _) => new((byte[])[(byte)activations]), left.Open)
        { IsIdle = ++activations > 0 });

        Assert.Equal([1], (await engine.AskAsync(_one, default, CancellationToken.None)).ToArray());
        await left.WaitAsync();
        Assert.Equal([2], (await engine.AskAsync(_one, default, CancellationToken.None)).ToArray());
    }

    [Fact]
    public async Task An_entity_that_owes_something_stays_until_it_has_rested_long_enough()
    {
        int activations = 0;
        var left = new Gate("the resting entity left");
        await using Mailboxes engine = Host(_ => new ScriptedEntity(
            (request, _) => new((byte[])[(byte)activations]), left.Open)
        { IsIdle = ++activations == 0 });

        await engine.AskAsync(_one, default, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal([1], (await engine.AskAsync(_one, default, CancellationToken.None)).ToArray());
        Assert.Equal(1, engine.LiveCount);
        Assert.False(left.IsOpen);

        // The reader may still be on its way to rest, and rest counts from then: so the clock moves until it has left.
        while (!left.IsOpen)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        Assert.Equal([2], (await engine.AskAsync(_one, default, CancellationToken.None)).ToArray());
    }

    [Fact]
    public async Task D8_No_entity_ever_has_two_activations_and_no_request_is_lost_whatever_leaves_and_dies()
    {
        int seed = Environment.TickCount;
        var live = new ConcurrentDictionary<EntityId, int>();
        int twice = 0;
        int answered = 0;
        int failed = 0;
        await using Mailboxes engine = Host(id =>
        {
            if (live.AddOrUpdate(id, 1, (_, count) => count + 1) > 1)
                Interlocked.Increment(ref twice);
            return new ScriptedEntity(
                async (request, _) =>
                {
                    if (request.Span[0] % 4 == 0)
                        await Task.Yield();
                    return request.Span[0] % 7 == 0 ? throw new InvalidOperationException("dies") : request;
                },
                () => live.AddOrUpdate(id, 0, (_, count) => count - 1))
            { IsIdle = id.ToString().EndsWith('1') };
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            for (int i = 0; i < 2_000; i++)
            {
                try
                {
                    await engine.AskAsync(EntityId.Parse($"echo/{random.Next(4)}"), new[] { (byte)random.Next(256) }, CancellationToken.None);
                    Interlocked.Increment(ref answered);
                }
                catch (EngineException e) when (e.Code == "entity_failed")
                {
                    Interlocked.Increment(ref failed);
                }

                if (i % 50 == 0)
                    _time.Advance(TimeSpan.FromSeconds(45));
            }
        })));

        Assert.True(twice == 0, $"Seed {seed}: {twice} entities were activated twice.");
        Assert.Equal(16_000, answered + failed);
        await engine.DisposeAsync();
        Assert.All(live, entry => Assert.Equal(0, entry.Value));
        Assert.Equal(0, engine.LiveCount);
    }

    [Fact]
    public async Task The_asker_of_a_failed_entity_learns_what_it_threw()
    {
        var thrown = new InvalidOperationException("broken invariant");
        await using Mailboxes engine = Host(_ => new ScriptedEntity((_, _) => throw thrown));
        EngineException failed = await Assert.ThrowsAsync<EngineException>(async () => await engine.AskAsync(_one, default, CancellationToken.None));
        Assert.Same(thrown, failed.InnerException);
    }

    [Fact]
    public async Task A_request_is_read_as_it_was_sent_although_its_asker_left_and_reused_the_buffer()
    {
        var started = new Gate("handling of the first request started");
        var release = new Gate("release");
        var read = new TaskCompletionSource<byte>();
        await using Mailboxes engine = Host(_ => new ScriptedEntity(async (request, _) =>
        {
            started.Open();
            await release.WaitAsync();
            read.TrySetResult(request.Span[0]);
            return request;
        }));
        byte[] buffer = [1];
        using var impatience = new CancellationTokenSource();

        Task<ReadOnlyMemory<byte>> ask = engine.AskAsync(_one, buffer, impatience.Token).AsTask();
        await started.WaitAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask.WaitAsync(CancellationToken.None));
        buffer[0] = 2;
        release.Open();

        Assert.Equal(1, await read.Task);
    }

    [Fact]
    public async Task C7_A_request_that_outlasts_the_grace_of_a_stopping_engine_is_told()
    {
        var started = new Gate("handling started");
        var told = new Gate("stopping fired");
        Mailboxes engine = Host(_ => new ScriptedEntity(async (request, stopping) =>
        {
            await using CancellationTokenRegistration registration = stopping.Register(told.Open);
            started.Open();
            await told.WaitAsync();
            return request;
        }));
        Task<ReadOnlyMemory<byte>> ask = engine.AskAsync(_one, new byte[] { 1 }, CancellationToken.None).AsTask();
        await started.WaitAsync();

        Task stopped = engine.DisposeAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(told.IsOpen);
        _time.Advance(TimeSpan.FromSeconds(1));
        await stopped;

        Assert.Equal([1], (await ask).ToArray());
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public async Task Entities_still_in_memory_leave_when_the_engine_stops()
    {
        int left = 0;
        Mailboxes engine = Host(_ => new ScriptedEntity((request, _) => new(request), () => Interlocked.Increment(ref left)) { IsIdle = false });
        for (int i = 0; i < 10; i++)
            await engine.AskAsync(EntityId.Parse($"echo/{i}"), default, CancellationToken.None);

        await engine.DisposeAsync();
        await engine.DisposeAsync();

        Assert.Equal(10, left);
    }

    [Fact]
    public async Task C7_An_entity_that_was_at_work_when_the_engine_stopped_leaves_after_its_last_request()
    {
        var started = new Gate("handling started");
        var release = new Gate("release");
        int left = 0;
        Mailboxes engine = Host(_ => new ScriptedEntity(
            async (request, _) =>
            {
                started.Open();
                await release.WaitAsync();
                return request;
            },
            () => Interlocked.Increment(ref left))
        { IsIdle = false });
        Task<ReadOnlyMemory<byte>> ask = engine.AskAsync(_one, default, CancellationToken.None).AsTask();
        await started.WaitAsync();

        Task stopped = engine.DisposeAsync().AsTask();
        release.Open();
        await stopped;
        await ask;

        Assert.Equal(1, left);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        MailboxSettings[] wrong = [new() { CapacityPerEntity = 0 }, new() { IdleAfter = TimeSpan.Zero }, new() { StopGrace = TimeSpan.FromSeconds(-1) }];
        string[] named = [.. wrong.Select(settings => Assert.Throws<ArgumentOutOfRangeException>(
            () => new Mailboxes(settings, _time, new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal))).ParamName!)];
        Assert.Equal(["CapacityPerEntity", "IdleAfter", "StopGrace"], named);
    }

    protected override ValueTask<IEngine> StartAsync(IReadOnlyDictionary<string, Func<EntityId, IEntity>> kinds, int capacityPerEntity) =>
        new(new Mailboxes(new MailboxSettings { CapacityPerEntity = capacityPerEntity }, _time, kinds));

    private Mailboxes Host(Func<EntityId, IEntity> activate) =>
        new(new MailboxSettings(), _time, new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { ["echo"] = activate });
}
