using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Every way to ask wrongly has its code; one API serves them all, because none of them changes anything.</summary>
public sealed class RefusalApiTests : IAsyncLifetime
{
    private const string Message = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private ApiHost _host = null!;

    private static string TooManyApprovals => string.Join(',', Enumerable.Repeat($"\"{Message}{Message}{Message}\"", 33));

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
        { """{"sessionId":"s","psbt":"cHNidP8=","approvals":[]}""", "approvals_malformed" },
        { """{"sessionId":"s","psbt":"cHNidP8=","approvals":null}""", "approvals_malformed" },
        { """{"sessionId":"s","psbt":"cHNidP8=","approvals":"aa"}""", "approvals_malformed" },
        { """{"sessionId":"s","psbt":"cHNidP8=","approvals":["aa"]}""", "approvals_malformed" },
        { $$"""{"sessionId":"s","psbt":"cHNidP8=","approvals":["{{Message}}{{Message}}{{Message}}",7]}""", "approvals_malformed" },
        { $$"""{"sessionId":"s","psbt":"cHNidP8=","approvals":[{{TooManyApprovals}}]}""", "approvals_malformed" },
        { $$"""{"sessionId":"s","psbt":"cHNidP8=","approvals":["{{Message}}{{Message}}{{Message}}",""", "malformed_json" },
        { $$"""{"sessionId":"s","approvals":["{{Message}}{{Message}}{{Message}}"],"approvals":["{{Message}}{{Message}}{{Message}}"]}""", "duplicate_field" },
        { $$"""{"sessionId":"s","message":"{{Message}}","approvals":["{{Message}}{{Message}}{{Message}}"]}""", "approvals_without_psbt" },
        { $$"""{"sessionId":"","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"-s","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"s:1","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"F13","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"a/b","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"{{Message}}a","message":"{{Message}}"}""", "session_id_invalid" },
        { $$"""{"sessionId":"job.a","message":"{{Message}}"}""", "session_id_reserved" },
        { """{"sessionId":"job.a","proof":{"message":"a"}}""", "session_id_reserved" },
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
        (await _host.PostAsync($$"""{"sessionId":"s","message":"{{Message}}"}""", $"/v1/groups/{otherGroup}/sessions"))
            .ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
        (await _host.GetAsync("/v2")).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
        (await _host.GetAsync("/")).ShouldBeProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Ids_in_the_path_are_checked()
    {
        (await _host.GetAsync("/v1/groups/xyz")).ShouldBeProblem(HttpStatusCode.BadRequest, "group_id_invalid");
        (await _host.GetAsync($"/v1/groups/{new string('f', 63)}g")).ShouldBeProblem(HttpStatusCode.BadRequest, "group_id_invalid");
        (await _host.GetAsync($"/v1/groups/{new string('f', 64)}")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_group");
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
        (await _host.PostAsync(Psbts.Body("s", Psbts.Spending(other.GroupKey, 1)))).ShouldBeProblem(HttpStatusCode.UnprocessableEntity, "psbt_foreign_key");
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
        await using ApiHost host = await ApiHost.StartAsync();
        host.Journal.Fail(new InvalidOperationException("inner-detail"));

        Answer answer = await host.GetAsync($"{host.SessionsPath}/s");

        answer.ShouldBeProblem(HttpStatusCode.InternalServerError, "internal_error");
        Assert.DoesNotContain("inner-detail", answer.Text, StringComparison.Ordinal);
        Assert.Contains("inner-detail", host.Logs.All, StringComparison.Ordinal);
    }
}
