using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Tests.Http;

/// <summary>What one caller may use of the process.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_body_over_two_mebibytes_is_too_large(bool isChunked, bool asksFirst)
    {
        using ByteArrayContent content = new(new byte[HttpLimits.MaximumBodyBytes + 1]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Answer answer = await _host.SendAsync(HttpMethod.Post, _host.SessionsPath, content, request =>
        {
            request.Headers.TransferEncodingChunked = isChunked;
            request.Headers.ExpectContinue = asksFirst;
        });

        answer.ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Fact]
    public async Task A_body_of_two_mebibytes_is_read()
    {
        byte[] body = new byte[HttpLimits.MaximumBodyBytes];
        body.AsSpan().Fill((byte)' ');
        "[]"u8.CopyTo(body);

        (await _host.PostAsync(body)).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_times_out()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Limits = new HttpLimits { Body = TimeSpan.FromMilliseconds(50) } });

        string answer = await RawAsync(
            host.Api.Url, $"POST {host.SessionsPath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{{");

        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"body_timeout\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_have_a_bounded_size()
    {
        string answer = await RawAsync(_host.Api.Url, $"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('x', 20_000)}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 431", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_connection_too_many_is_closed()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Limits = new HttpLimits { Connections = 1 } });
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/healthz")).Status);

        // The client above keeps its connection, and it is the one allowed.
        Assert.Empty(await RawAsync(host.Api.Url, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    [Fact]
    public async Task F15_Half_sent_bodies_of_one_caller_keep_nobody_from_health()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Limits = new HttpLimits { Connections = 8 } });
        byte[] half = Encoding.ASCII.GetBytes(
            $"POST {host.SessionsPath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{");
        List<TcpClient> callers = [];
        List<Task<string>> answers = [];
        for (int sent = 0; sent < 8; sent++)
        {
            TcpClient caller = new();
            await caller.ConnectAsync(host.Api.Url.Host, host.Api.Url.Port);
            await caller.GetStream().WriteAsync(half);
            callers.Add(caller);
            answers.Add(ReadAsync(caller));
        }

        string refused = await await Task.WhenAny(answers);
        Assert.StartsWith("HTTP/1.1 503", refused, StringComparison.Ordinal);
        Assert.Contains("\"too_many_bodies\"", refused, StringComparison.Ordinal);
        // The connections of those that were refused are free again.
        Answer? health = null;
        while (health is null)
        {
            health = await TryGetHealthAsync(host);
        }

        Assert.Equal(HttpStatusCode.OK, health.Status);
        Assert.Contains(answers, static answer => !answer.IsCompleted);
        callers.ForEach(static caller => caller.Dispose());
    }

    private static async Task<Answer?> TryGetHealthAsync(ApiHost host)
    {
        try
        {
            return await host.GetAsync("/healthz");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    [Fact]
    public async Task A_foreign_host_name_is_not_answered_without_a_token()
    {
        string answer = await RawAsync(_host.Api.Url, "GET /v1/groups HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 421", answer, StringComparison.Ordinal);
        Assert.Contains("\"host_not_allowed\"", answer, StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.OK, (await _host.SendAsync(HttpMethod.Get, "/v1/groups", alter: static request => request.Headers.Host = "localhost:7420")).Status);
        Assert.Equal(
            HttpStatusCode.OK, (await _host.SendAsync(HttpMethod.Get, "/v1/groups", alter: static request => request.Headers.Host = "[::1]:7420")).Status);
    }

    /// <summary>Sends bytes as they are and reads until the server closes the connection.</summary>
    private static async Task<string> RawAsync(Uri url, string request)
    {
        using TcpClient client = new();
        await client.ConnectAsync(url.Host, url.Port);
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        }
        catch (IOException)
        {
            // Closed with bytes still under way.
        }

        return await ReadAsync(client);
    }

    /// <summary>What arrived until the server closed the connection.</summary>
    private static async Task<string> ReadAsync(TcpClient client)
    {
        using MemoryStream answer = new();
        try
        {
            await client.GetStream().CopyToAsync(answer);
        }
        catch (IOException)
        {
            // Closed with bytes still under way; what had arrived is the answer.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
