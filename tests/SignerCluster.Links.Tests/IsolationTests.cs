using System.Net;
using Google.Protobuf;
using Grpc.Core;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links.Tests;

/// <summary>What one party can do to the others: nothing.</summary>
public sealed class IsolationTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Network _network = new("alice", "bob");

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public async Task L2_A_party_whose_window_is_full_is_overloaded_at_once_and_another_goes_on()
    {
        TaskCompletionSource ready = new();
        _network.Limits = _network.Limits with { Window = 4 };
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        await _network.JoinAsync("alice", answer: async (request, _) =>
        {
            await ready.Task.WaitAsync(CancellationToken.None);
            return request;
        });
        Task<string>[] held = [.. Enumerable.Range(0, 4).Select(number => _network.AskAsync("alice", $"{number}"))];
        LinkException full = await Assert.ThrowsAsync<LinkException>(() => _network.AskAsync("alice", "one too many"));
        Assert.Equal((LinkException.Overloaded, true), (full.Code, full.IsTransient));
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));

        // A second node has a window of its own.
        await _network.JoinAsync("alice", "alice-2");
        Assert.Equal("alice-2:x", await _network.AskAsync("alice", "x"));
        ready.SetResult();
        Assert.Equal(["0", "1", "2", "3"], await Task.WhenAll(held));
    }

    [Fact]
    public async Task L2_A_party_that_answers_what_nobody_asked_loses_its_link_however_often_and_another_goes_on()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        using CancellationTokenSource enough = new();
        Task<int> flood = Task.Run(() => FloodAsync(enough.Token), CancellationToken.None);
        await Condition.HoldsAsync("the flood is on", () => _network.Logs.Count("ended: unasked") > 2);
        for (int ask = 0; ask < 300; ask++)
            Assert.Equal($"bob-1:{ask}", await _network.AskAsync("bob", $"{ask}").WaitAsync(TimeSpan.FromSeconds(5)));
        await enough.CancelAsync();
        Assert.InRange(await flood, 3, int.MaxValue);
    }

    [Fact]
    public async Task L2_A_party_that_reads_nothing_delays_no_other_and_not_the_end()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        using RawParticipant alice = new(_network, "alice");
        await _network.UpAsync("alice-1");
        byte[] large = new byte[_network.Limits.MaximumFrameBytes];
        Task<LinkException>[] stuck = [.. Enumerable.Range(0, _network.Limits.Window).Select(
            _ => Assert.ThrowsAsync<LinkException>(() => _network.Listener.RouteTo("alice").AskAsync(large, CancellationToken.None).AsTask()))];
        Assert.Equal(LinkException.Overloaded, await _network.CodeOfAsync("alice", "x"));
        for (int ask = 0; ask < 100; ask++)
            Assert.Equal($"bob-1:{ask}", await _network.AskAsync("bob", $"{ask}").WaitAsync(TimeSpan.FromSeconds(5)));
        await _network.Listener.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.All(await Task.WhenAll(stuck), static refused => Assert.Equal(LinkException.LinkStopped, refused.Code));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024 * 1024)]
    public async Task L2_An_answer_that_is_too_long_ends_its_link_by_name_and_no_other(int tooLongBy)
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        LinkLimits larger = _network.Limits with { MaximumFrameBytes = 2 * _network.Limits.MaximumFrameBytes };
        byte[] tooLong = new byte[_network.Limits.MaximumFrameBytes + tooLongBy];
        LinkDialer alice = _network.Dial("alice", answer: (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(tooLong), limits: larger);
        await _network.UpAsync("alice-1");
        Assert.Equal(LinkException.LinkLost, await _network.CodeOfAsync("alice", "x"));
        await Condition.HoldsAsync("it was named", () => _network.Logs.Count("node alice-1 at") > 0 && _network.Logs.Count("ended: frame_too_long") > 0);
        await Condition.HoldsAsync("the dialer knows", () => _network.Logs.Count("is down: frame_too_long") > 0);
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));
        await _network.UpAsync("alice-1");
        Assert.Equal("coordinator", alice.Links[0].Party);
    }

    [Fact]
    public async Task A_request_that_is_too_long_for_a_participant_ends_the_link_there_by_name()
    {
        LinkLimits smaller = _network.Limits with { MaximumFrameBytes = 1000 };
        await _network.ListenAsync();
        _network.Dial("alice", limits: smaller);
        await _network.UpAsync("alice-1");
        Assert.Equal(LinkException.LinkLost, await _network.CodeOfAsync("alice", new string('x', 1001)));
        await Condition.HoldsAsync("it was named", () => _network.Logs.Count("is down: frame_too_long") > 0);
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task L2_A_parcel_that_makes_no_sense_ends_its_link_by_name_and_no_other(string json)
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        using RawParticipant alice = new(_network, "alice");
        await _network.UpAsync("alice-1");
        await alice.SendAsync(Parcel.Parser.ParseJson(json));
        Assert.Equal("malformed", await alice.EndAsync());
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));
    }

    public static TheoryData<string> Nonsense => ["{}", """{"numbers":["1"]}""", """{"payloads":["AAAA"]}""", """{"numbers":["1","2"],"payloads":["AAAA"]}"""];

    [Fact]
    public async Task L2_A_party_that_repeats_its_answers_loses_its_link()
    {
        await _network.ListenAsync();
        using RawParticipant alice = new(_network, "alice");
        await _network.UpAsync("alice-1");
        Task<string> asked = _network.AskAsync("alice", "x");
        Parcel answer = new() { Numbers = { 1 }, Payloads = { ByteString.CopyFromUtf8("y") } };
        await alice.SendAsync(answer);
        Assert.Equal("y", await asked);
        await alice.SendAsync(answer);
        Assert.Equal("unasked", await alice.EndAsync());
    }

    [Fact]
    public async Task A_participant_begins_no_more_requests_than_its_window_and_reads_on_as_answers_leave()
    {
        int running = 0;
        int most = 0;
        await _network.ListenAsync();
        _network.Dial("alice", limits: _network.Limits with { Window = 3 }, answer: async (request, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return request;
        });
        await _network.UpAsync("alice-1");
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => _network.AskAsync("alice", $"{number}")));
        Assert.Equal(Enumerable.Range(0, 200).Select(static number => $"{number}"), answers);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_coordinator_that_is_not_there_keeps_no_other_from_being_answered()
    {
        await _network.ListenAsync();
        LinkPins pins = new(new Dictionary<string, IReadOnlyList<string>> { ["coordinator"] = [_network.Coordinator.Pin] });
        await using var alice = LinkDialer.Start(
            "alice-1",
            [new DnsEndPoint("127.0.0.1", 1), new DnsEndPoint("localhost", _network.Port)],
            _network.Certificates["alice"].Link,
            pins,
            _network.Limits,
            static (request, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(request),
            TimeProvider.System,
            _network.Logs);
        await _network.UpAsync("alice-1");
        Assert.Equal("x", await _network.AskAsync("alice", "x"));
        await Condition.HoldsAsync(
            "both are shown",
            () => alice.Links is [{ IsUp: false, Fault: "unreachable", Party: "" }, { IsUp: true, Party: "coordinator" }]);
    }

    private async Task<int> FloodAsync(CancellationToken enough)
    {
        int links = 0;
        Parcel junk = new();
        for (ulong number = 1; number <= 1000; number++)
        {
            junk.Numbers.Add(number);
            junk.Payloads.Add(ByteString.CopyFrom(new byte[1000]));
        }

        for (; !enough.IsCancellationRequested; links++)
        {
            using RawParticipant alice = new(_network, "alice");
            try
            {
                while (true)
                    await alice.SendAsync(junk);
            }
            catch (Exception ended) when (ended is RpcException or InvalidOperationException)
            {
                // And again.
            }
        }

        return links;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
