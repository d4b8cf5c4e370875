using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace SignerCluster.Host.Tests.Http;

/// <summary>What a caller's request sets off is one trace, which begins with the caller's own.</summary>
public sealed class TraceTests : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TraceTests() => _listener = new ActivityListener
    {
        ShouldListenTo = static source => source.Name.StartsWith("SignerCluster.", StringComparison.Ordinal),
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = _ended.Enqueue,
    };

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_request_its_session_and_its_seats_are_one_trace_and_name_nothing_that_is_signed()
    {
        ActivitySource.AddActivityListener(_listener);
        await using ApiHost host = await ApiHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await SignAsync(host, "s", $"00-{Trace}-b7ad6b7169203331-01"));
        Activity[] spans = [.. _ended.Where(static span => span.TraceId.ToHexString() == Trace)];
        Assert.Superset(new HashSet<string> { "POST session", "decide roast", "decide seat" }, spans.Select(static span => span.DisplayName).ToHashSet());
        Assert.All(spans, static span => Assert.Empty(span.TagObjects));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    public async Task A_caller_that_names_no_trace_begins_one(string traceparent)
    {
        ActivitySource.AddActivityListener(_listener);
        await using ApiHost host = await ApiHost.StartAsync();
        Assert.Equal(HttpStatusCode.OK, await SignAsync(host, "s", traceparent));
        Activity request = _ended.Last(static span => span.DisplayName == "POST session");
        Assert.Equal(default, request.ParentSpanId);
        Assert.NotEqual(default, request.TraceId);
    }

    private static async Task<HttpStatusCode> SignAsync(ApiHost host, string session, string traceparent)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"{host.SessionsPath}?wait=60")
        {
            Content = new StringContent($$"""{"sessionId":"{{session}}","message":"{{new string('a', 64)}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("traceparent", traceparent);
        using HttpResponseMessage answer = await host.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
