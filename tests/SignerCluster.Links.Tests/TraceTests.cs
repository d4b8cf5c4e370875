using System.Diagnostics;
using Google.Protobuf;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links.Tests;

/// <summary>Requests of one trace stay together on both ends of a link, and nothing depends on it.</summary>
public sealed class TraceTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Span = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private readonly ActivitySource _asker = new("a test of links");
    private readonly Network _network = new("alice");

    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = static source => source.Name is "a test of links" or "SignerCluster.Links",
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _asker.Dispose();
        await _network.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_answers_works_in_the_trace_of_whoever_asks_and_in_none_without()
    {
        ActivitySource.AddActivityListener(_listener);
        await _network.ListenAsync();
        await _network.JoinAsync("alice", answer: static (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(Network.Bytes($"{Activity.Current?.TraceId}")));
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => AskAsync(isTraced: number % 3 == 0)));
        Assert.All(answers.Where(static (_, number) => number % 3 != 0), static answer => Assert.Empty(answer));
        Assert.All(answers.Where(static (_, number) => number % 3 == 0), static answer => Assert.Equal("as asked", answer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-and-more-than-that")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("this is as long as one of them but it is not one, at al")]
    public void L1_What_is_no_span_is_ignored(string carried)
    {
        ActivitySource.AddActivityListener(_listener);
        Parcel parcel = new() { Traces = { ByteString.CopyFromUtf8(carried), ByteString.CopyFromUtf8(Span) } };
        Assert.Null(LinkTraces.Of(parcel, 0));
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", $"{LinkTraces.Of(parcel, 1)?.TraceId}");
        Assert.Null(LinkTraces.Of(parcel, 2));
        parcel.Traces[0] = ByteString.CopyFrom([.. Enumerable.Repeat((byte)0xFF, LinkTraces.Length)]);
        Assert.Null(LinkTraces.Of(parcel, 0));
    }

    private async Task<string> AskAsync(bool isTraced)
    {
        using Activity? span = isTraced ? _asker.StartActivity("ask") : null;
        string answer = await _network.AskAsync("alice", "x");
        return isTraced && answer == $"{span!.TraceId}" ? "as asked" : answer;
    }
}
