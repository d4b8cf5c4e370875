using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using SignerCluster.Host.Http;
using SignerCluster.Runtime;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Every way to ask wrongly has its code; one API serves them all, because none of them changes anything.</summary>
public sealed class RefusalApiTests : IAsyncLifetime
{
    private const string Message = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private ApiHost _host = null!;

    public static TheoryData<string, string> MalformedBodies { get; } = new()
    {
        { "", "malformed_json" },
        { "   ", "malformed_json" },
        { "[]", "malformed_json" },
        { "null", "malformed_json" },
        { "\"text\"", "malformed_json" },
        { "{", "malformed_json" },
        { "{\"sessionId\":\"s\"", "malformed_json" },
        { "{'sessionId':'s'}", "malformed_json" },
        { "{\"sessionId\":\"s\",}", "malformed_json" },
        { "/* */{}", "malformed_json" },
        { "\uFEFF{}", "malformed_json" },
        { $$"""{"sessionId":"s\ud800","message":"{{Message}}"}""", "malformed_json" },
        { "{}", "missing_field" },
        { $$"""{"message":"{{Message}}"}""", "missing_field" },
        { """{"sessionId":"s"}""", "message_or_psbt_missing" },
        { $$"""{"sessionId":"s","message":"{{Message}}","psbt":"cHNidP8="}""", "message_and_psbt" },
        { $$"""{"sessionId":"s","message":"{{Message}}","sighash":1}""", "unknown_field" },
        { $$"""{"SessionId":"s","message":"{{Message}}"}""", "unknown_field" },
        { $$"""{"sessionId":"s","sessionId":"s","message":"{{Message}}"}""", "duplicate_field" },
        { $$"""{"sessionId":"s","session\u0049d":"t","message":"{{Message}}"}""", "duplicate_field" },
        { $$"""{"sessionId":7,"message":"{{Message}}"}""", "field_not_text" },
        { """{"sessionId":"s","message":null}""", "field_not_text" },
        { """{"sessionId":"s","message":{"a":[]}}""", "field_not_text" },
        { $$"""{"sessionId":"s","message":"{{Message}}"}{}""", "trailing_bytes" },
        { $$"""{"sessionId":"s","message":"{{Message}}"},""", "trailing_bytes" },
        { $$"""{"sessionId":"s","message":"{{Message}}"} x""", "trailing_bytes" },
        { $$"""{"sessionId":"s","message":"{{Message}}"}""" + "\0", "trailing_bytes" },
        { """{"sessionId":"s","message":""}""", "message_wrong_length" },
        { $$"""{"sessionId":"s","message":"{{Message}}aa"}""", "message_wrong_length" },
        { $$"""{"sessionId":"s","message":"{{Message[1..]}}"}""", "message_wrong_length" },
        { $$"""{"sessionId":"s","message":"{{Message[1..]}}g"}""", "message_not_hex" },
        { $$"""{"sessionId":"s","message":"0x{{Message[2..]}}"}""", "message_not_hex" },
        { """{"sessionId":"s","psbt":"@@@@"}""", "psbt_not_base64" },
        { """{"sessionId":"s","psbt":"cHNidP8"}""", "psbt_not_base64" },
        { $$"""{"sessionId":"","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"-s","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"s:1","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"a/b","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"{{Message}}a","message":"{{Message}}"}""", "session_id_invalid" },
    };

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(MalformedBodies))]
    public async Task A_malformed_body_is_refused_with_a_code_that_says_how(string body, string code)
    {
        (await _host.PostAsync(body)).ShouldBeProblem(HttpStatusCode.BadRequest, code);
        Assert.Empty((await _host.GetAsync(_host.SessionsPath)).Json.GetProperty("sessions").EnumerateArray());
    }

    [Fact]
    public async Task Broken_utf8_is_refused() =>
        (await _host.PostAsync([.. "{\"sessionId\":\""u8, 0xff, 0xfe, .. "\"}"u8])).ShouldBeProblem(HttpStatusCode.BadRequest, "malformed_json");

    [Theory]
    [InlineData("?wait=61", "wait_invalid")]
    [InlineData("?wait=-1", "wait_invalid")]
    [InlineData("?wait=", "wait_invalid")]
    [InlineData("?wait=1.5", "wait_invalid")]
    [InlineData("?wait=99999999999", "wait_invalid")]
    [InlineData("?wait=1&wait=2", "duplicate_parameter")]
    [InlineData("?wiat=1", "unknown_parameter")]
    public async Task A_wrong_query_of_a_post_is_refused(string query, string code) =>
        (await _host.PostAsync($$"""{"sessionId":"s","message":"{{Message}}"}""", _host.SessionsPath + query)).ShouldBeProblem(HttpStatusCode.BadRequest, code);

    [Theory]
    [InlineData("?limit=0", "limit_invalid")]
    [InlineData("?limit=201", "limit_invalid")]
    [InlineData("?limit=x", "limit_invalid")]
    [InlineData("?after=%2F", "after_invalid")]
    [InlineData("?after=never-opened", "after_unknown")]
    [InlineData("?page=2", "unknown_parameter")]
    public async Task A_wrong_query_of_a_list_is_refused(string query, string code) =>
        (await _host.GetAsync(_host.SessionsPath + query)).ShouldBeProblem(HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task What_is_not_known_is_not_found()
    {
        string otherGroup = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

        (await _host.GetAsync($"{_host.SessionsPath}/never-opened")).ShouldBeProblem(HttpStatusCode.NotFound, "session_not_found");
        (await _host.GetAsync($"/v1/groups/{otherGroup}")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
        (await _host.GetAsync($"/v1/groups/{otherGroup}/sessions")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
        (await _host.GetAsync($"/v1/groups/{otherGroup}/sessions/s")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
        (await _host.PostAsync($$"""{"sessionId":"s","message":"{{Message}}"}""", $"/v1/groups/{otherGroup}/sessions")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
        (await _host.GetAsync("/v2")).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
        (await _host.GetAsync("/")).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Ids_in_the_path_are_checked()
    {
        (await _host.GetAsync("/v1/groups/xyz")).ShouldBeProblem(HttpStatusCode.BadRequest, "group_id_invalid");
        (await _host.GetAsync($"/v1/groups/{new string('f', 64)}")).ShouldBeProblem(HttpStatusCode.BadRequest, "group_id_invalid");
        (await _host.GetAsync($"{_host.SessionsPath}/-s")).ShouldBeProblem(HttpStatusCode.BadRequest, "session_id_invalid");
        (await _host.GetAsync($"{_host.SessionsPath}/a%2Fb")).ShouldBeProblem(HttpStatusCode.BadRequest, "session_id_invalid");
        (await _host.GetAsync($"{_host.SessionsPath}/s?verbose=1")).ShouldBeProblem(HttpStatusCode.BadRequest, "unknown_parameter");
    }

    [Fact]
    public async Task What_is_no_usable_psbt_cannot_be_processed()
    {
        (await _host.PostAsync("""{"sessionId":"s","psbt":""}""")).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_not_a_psbt");
        (await _host.PostAsync("""{"sessionId":"s","psbt":"AAAA"}""")).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_not_a_psbt");
        await using ApiHost other = await ApiHost.StartAsync();
        (await _host.PostAsync(Psbts.Body("s", Psbts.Spending(other.Group, 1)))).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_foreign_key");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Only_json_is_taken(string? type)
    {
        using ByteArrayContent content = new("{}"u8.ToArray());
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);

        (await _host.SendAsync(HttpMethod.Post, _host.SessionsPath, content)).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "media_type_unsupported");
    }

    [Fact]
    public async Task A_compressed_body_is_not_taken()
    {
        using ByteArrayContent content = new("{}"u8.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");

        (await _host.SendAsync(HttpMethod.Post, _host.SessionsPath, content)).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "media_type_unsupported");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_two_mebibytes_is_too_large(bool isChunked)
    {
        using ByteArrayContent content = new(new byte[HttpLimits.MaximumBodyBytes + 1]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        Answer answer = await _host.SendAsync(HttpMethod.Post, _host.SessionsPath, content, request =>
        {
            request.Headers.TransferEncodingChunked = isChunked;
            request.Headers.ExpectContinue = true;
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

    [Theory]
    [InlineData("DELETE", "/v1/groups", "GET")]
    [InlineData("POST", "/healthz", "GET")]
    [InlineData("HEAD", "/healthz", "GET")]
    [InlineData("PUT", "/readyz", "GET")]
    [InlineData("POST", "/openapi/v1.json", "GET")]
    public async Task Another_method_is_not_allowed(string method, string path, string allowed)
    {
        Answer answer = await _host.SendAsync(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.Status);
        Assert.Equal([allowed], answer.ContentHeaders.Allow);
        if (method != "HEAD")
        {
            answer.ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        }
    }

    [Fact]
    public async Task A_session_path_takes_no_put()
    {
        using StringContent content = new("{}", Encoding.UTF8, "application/json");
        Answer answer = await _host.SendAsync(HttpMethod.Put, _host.SessionsPath, content);

        answer.ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        Assert.Equal(["GET", "POST"], answer.ContentHeaders.Allow.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_journal_that_fails_is_unavailable_and_the_same_request_succeeds_later()
    {
        _host.Journal.Fail(new JournalException("disk_full", "/secret/path is full", isTransient: true));
        Answer failed = await _host.SignAsync("s", Message);
        Answer unlisted = await _host.GetAsync(_host.SessionsPath);
        _host.Journal.Fail(null);
        Answer succeeded = await _host.SignAsync("s", Message, wait: 30);

        Assert.All([failed, unlisted], static answer =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        });
        unlisted.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "disk_full");
        Assert.Equal(HttpStatusCode.OK, succeeded.Status);
    }

    [Fact]
    public async Task A_defect_answers_without_telling_its_text()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { BeforeAsk = static _ => throw new InvalidOperationException("inner-detail") });

        Answer answer = await host.SignAsync("s", Message);

        answer.ShouldBeProblem(HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("inner-detail", answer.Text, StringComparison.Ordinal);
        Assert.Contains("inner-detail", host.Logs.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_is_overloaded_is_unavailable()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { BeforeAsk = static _ => throw new EngineException("overloaded", "inner-detail", isTransient: true) });

        Answer answer = await host.SignAsync("s", Message);

        answer.ShouldBeProblem(HttpStatusCode.ServiceUnavailable, "overloaded");
        Assert.Equal("1", answer.Headers.RetryAfter?.ToString());
        Assert.DoesNotContain("inner-detail", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_times_out()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Limits = new HttpLimits { Body = TimeSpan.FromMilliseconds(50) } });

        string answer = await RawAsync(host.Api.Url, $"POST {host.SessionsPath} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{{");

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
    public async Task A_foreign_host_name_is_not_answered_without_a_token()
    {
        string answer = await RawAsync(_host.Api.Url, "GET /v1/groups HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 421", answer, StringComparison.Ordinal);
        Assert.Contains("\"host_not_allowed\"", answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync(HttpMethod.Get, "/v1/groups", alter: static request => request.Headers.Host = "localhost:7420")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync(HttpMethod.Get, "/v1/groups", alter: static request => request.Headers.Host = "[::1]:7420")).Status);
    }

    /// <summary>Sends bytes as they are and reads until the server closes the connection.</summary>
    private static async Task<string> RawAsync(Uri url, string request)
    {
        using TcpClient client = new();
        await client.ConnectAsync(url.Host, url.Port);
        using MemoryStream answer = new();
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            await client.GetStream().CopyToAsync(answer);
        }
        catch (IOException)
        {
            // Closed with bytes still under way; what had arrived is the answer.
        }

        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
