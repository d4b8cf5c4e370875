using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SignerCluster.Conformance;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Tests.Http;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Tests.Nodes;

/// <summary>A start that waits says for what, and what no waiting mends is not waited for.</summary>
public sealed class PatientStartTests : IDisposable
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);
    private readonly ManualTime _time = new();
    private readonly RecordedLogs _logs = new();
    private readonly PatientStart _start;
    private int _served;
    private bool _isServing;

    public PatientStartTests() => _start = new PatientStart(_time, _logs.CreateLogger<PatientStart>());

    public void Dispose() => _logs.Dispose();

    public static TheoryData<Exception> PassingFaults => new(
        new JournalException("storage_unavailable", "The database is not there.", isTransient: true),
        Link("listen_failed", "The address is taken.", isTransient: true),
        new DataDirectoryException("storage_busy", "The documents are not to be had.", isTransient: true),
        new KeyProviderException("key_unavailable", "The provider is not there.", isTransient: true));

    public static TheoryData<Exception> LastingFaults => new(
        new JournalException("schema_newer", "newer", isTransient: false),
        Link("certificate_unreadable", "unreadable", isTransient: false),
        new DataDirectoryException("roster_mismatch", "mismatch", isTransient: false),
        new KeyProviderException("key_mismatch", "mismatch", isTransient: false),
        new InvalidOperationException("a defect"));

    [Fact]
    public async Task A_start_that_succeeds_serves_no_waiting_and_says_nothing()
    {
        Assert.Equal(7, await RunAsync(static () => 7));
        Assert.Equal((0, string.Empty), (_served, _logs.All));
    }

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task What_passes_is_waited_for_and_named_by_log_and_readiness_until_it_is_there(Exception fault)
    {
        bool isThere = false;
        Task<int> starting = RunAsync(() => isThere ? 7 : throw fault);
        Assert.Equal((1, true), (_served, _isServing));
        Assert.Contains(fault.Message, _logs.All, StringComparison.Ordinal);
        (int status, JsonElement problem) = await ReadinessAsync();
        Assert.Equal(
            (503, "not_ready", fault.Message),
            (status, problem.GetProperty("code").GetString(), problem.GetProperty("evidence").GetProperty("down").GetString()));

        isThere = true;
        _time.Advance(_longestPause);
        Assert.Equal(7, await starting);
        Assert.Equal((1, false), (_served, _isServing));
    }

    [Theory]
    [MemberData(nameof(LastingFaults))]
    public async Task What_no_waiting_mends_is_thrown_at_once_also_after_a_wait(Exception fault)
    {
        Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(() => throw fault)));
        Assert.Equal(0, _served);

        bool isThere = false;
        Task<int> starting = RunAsync(() => throw (isThere ? fault : new JournalException("storage_unavailable", "not there", isTransient: true)));
        isThere = true;
        _time.Advance(_longestPause);
        Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(() => starting.WaitAsync(CancellationToken.None)));
        Assert.False(_isServing);
    }

    [Fact]
    public async Task A_long_wait_is_said_every_half_minute_and_at_once_when_it_is_for_something_else()
    {
        using CancellationTokenSource stop = new();
        Exception fault = new JournalException("storage_unavailable", "The database is not there.", isTransient: true);
        Task<int> starting = RunAsync(() => throw fault, stop.Token);
        Assert.Equal(1, Said("The database"));
        Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(1, Said("The database"));
        Advance(TimeSpan.FromMinutes(2));
        Assert.InRange(Said("The database"), 4, 5);

        fault = Link("listen_failed", "The address is taken.", isTransient: true);
        Advance(_longestPause);
        Assert.Equal(1, Said("The address"));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(CancellationToken.None));
        Assert.Equal((1, false), (_served, _isServing));
    }

    // A pause begins when the one before has ended, so time goes in steps no longer than the shortest.
    private void Advance(TimeSpan by)
    {
        for (TimeSpan gone = TimeSpan.Zero; gone < by; gone += TimeSpan.FromMilliseconds(500))
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }
    }

    private static LinkException Link(string code, string message, bool isTransient) => new(code, message, isTransient);

    private int Said(string what) => _logs.All.Split('\n').Count(line => line.Contains(what, StringComparison.Ordinal));

    private Task<int> RunAsync(Func<int> start, CancellationToken cancellation = default) =>
        _start.RunAsync(_ => Task.FromResult(start()), ServeAsync, cancellation);

    private Task<IAsyncDisposable> ServeAsync(CancellationToken cancellation)
    {
        _served++;
        _isServing = true;
        return Task.FromResult<IAsyncDisposable>(new Serving(this));
    }

    private async Task<(int Status, JsonElement Problem)> ReadinessAsync()
    {
        await using ServiceProvider services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using MemoryStream body = new();
        DefaultHttpContext context = new() { RequestServices = services, Response = { Body = body } };
        await (await _start.AskAsync(CancellationToken.None)).ExecuteAsync(context);
        return (context.Response.StatusCode, JsonDocument.Parse(body.ToArray()).RootElement);
    }

    private sealed class Serving(PatientStartTests test) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            test._isServing = false;
            return ValueTask.CompletedTask;
        }
    }
}
