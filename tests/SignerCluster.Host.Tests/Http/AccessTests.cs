using System.Net;
using System.Text;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Where the API listens and whom it lets in.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Token = "0123456789abcdefghijklmnopqrstuv";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-token-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("127.0.0.1:7420", "127.0.0.1:7420")]
    [InlineData("[::1]:0", "[::1]:0")]
    [InlineData("localhost:80", "127.0.0.1:80")]
    [InlineData("0.0.0.0:65535", "0.0.0.0:65535")]
    [InlineData("[::]:1", "[::]:1")]
    public void An_address_and_a_port_parse(string text, string expected) => Assert.Equal(expected, HttpSettings.ParseEndpoint(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("7420")]
    [InlineData(":7420")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("127.1:80")]
    [InlineData("0x7f.0.0.1:80")]
    [InlineData("::1:80")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("example.org:80")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("*:80")]
    public void Anything_else_is_refused_with_the_rule(string text)
    {
        HttpSettingsException refused = Assert.Throws<HttpSettingsException>(() => HttpSettings.ParseEndpoint(text));

        Assert.Equal("http_address_invalid", refused.Code);
        Assert.Contains($"'{text}'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    [InlineData("192.0.2.1:7420")]
    public async Task An_address_that_others_can_reach_needs_a_token(string address)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        HttpSettings settings = new(HttpSettings.ParseEndpoint(address), null);

        HttpSettingsException refused = Assert.Throws<HttpSettingsException>(() => HttpApi.Build(settings, host.Served, TimeProvider.System, host.Logs));

        Assert.Equal("http_token_required", refused.Code);
        await using HttpApi withToken = HttpApi.Build(settings with { Token = Load(Token) }, host.Served, TimeProvider.System, host.Logs);
    }

    [Fact]
    public async Task An_address_in_use_is_named()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        HttpSettings settings = new(HttpSettings.ParseEndpoint($"127.0.0.1:{host.Api.Url.Port}"), null);
        await using HttpApi second = HttpApi.Build(settings, host.Served, TimeProvider.System, host.Logs);

        HttpSettingsException refused = await Assert.ThrowsAsync<HttpSettingsException>(() => second.StartAsync(CancellationToken.None));

        Assert.Equal("http_address_unavailable", refused.Code);
        Assert.True(refused.IsTransient);
        Assert.Contains(settings.Endpoint.ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_0_picks_a_free_port_and_tells_it_on_either_loopback()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        await using HttpApi second = HttpApi.Build(new HttpSettings(HttpSettings.ParseEndpoint("[::1]:0"), null), host.Served, TimeProvider.System, host.Logs);
        await second.StartAsync(CancellationToken.None);

        using HttpResponseMessage answer = await host.Client.GetAsync(new Uri(second.Url, "/v1/groups"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEqual(0, second.Url.Port);
        Assert.NotEqual(host.Api.Url.Port, second.Url.Port);
    }

    [Theory]
    [InlineData(null, "token_missing")]
    [InlineData("Bearer", "token_invalid")]
    [InlineData("Bearer 0123456789abcdefghijklmnopqrstuV", "token_invalid")]
    [InlineData("Bearer 0123456789abcdefghijklmnopqrstu", "token_invalid")]
    [InlineData("Bearer 0123456789abcdefghijklmnopqrstuvw", "token_invalid")]
    [InlineData("Basic 0123456789abcdefghijklmnopqrstuv", "token_invalid")]
    [InlineData("0123456789abcdefghijklmnopqrstuv", "token_invalid")]
    public async Task Whoever_has_not_the_token_gets_nothing(string? authorization, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Token = Token });
        string[] paths = ["/v1/groups", $"/v1/groups/{host.Group}", host.SessionsPath, $"{host.SessionsPath}/s", "/openapi/v1.json", "/nothing"];

        foreach (string path in paths)
        {
            Answer answer = await host.SendAsync(HttpMethod.Get, path, alter: request => Authorize(request, authorization));

            answer.ShouldBeProblem(HttpStatusCode.Unauthorized, code);
            Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
        }

        using StringContent body = new("{}", Encoding.UTF8, "application/json");
        (await host.SendAsync(HttpMethod.Post, host.SessionsPath, body, request => Authorize(request, authorization)))
            .ShouldBeProblem(HttpStatusCode.Unauthorized, code);
    }

    [Theory]
    [InlineData("Bearer " + Token)]
    [InlineData("bearer " + Token)]
    public async Task The_token_lets_in_under_any_host_name_and_never_reaches_a_log(string authorization)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Token = Token + "\n" });

        Answer answer = await host.SendAsync(HttpMethod.Get, "/v1/groups", alter: request =>
        {
            Authorize(request, authorization);
            request.Headers.Host = "signer.example";
        });
        await host.SendAsync(HttpMethod.Get, "/v1/groups", alter: request => Authorize(request, "Bearer wrong-" + Token));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("/v1/groups", host.Logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, host.Logs.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_tokens_at_once_are_none()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Token = Token });

        Answer answer = await host.SendAsync(HttpMethod.Get, "/v1/groups", alter: static request =>
            request.Headers.TryAddWithoutValidation("Authorization", ["Bearer " + Token, "Bearer " + Token]));

        answer.ShouldBeProblem(HttpStatusCode.Unauthorized, "token_invalid");
    }

    [Fact]
    public async Task Health_and_readiness_are_open_and_take_get_only()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Token = Token });

        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/healthz")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/readyz")).Status);
        (await host.SendAsync(HttpMethod.Post, "/healthz")).ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        (await host.SendAsync(HttpMethod.Delete, "/readyz")).ShouldBeProblem(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite)]
    public void A_token_file_that_others_may_touch_is_refused(UnixFileMode mode)
    {
        string path = ApiHost.TokenFile(_folder.FullName, Token, mode);

        HttpSettingsException refused = Assert.Throws<HttpSettingsException>(() => BearerToken.Load(path));

        Assert.Equal("http_token_exposed", refused.Code);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_file_that_is_missing_is_named() =>
        Assert.Equal("http_token_missing", Assert.Throws<HttpSettingsException>(() => BearerToken.Load(Path.Combine(_folder.FullName, "none"))).Code);

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdefghijklmnopqrstu")]
    [InlineData("0123456789abcdefghijklmnopqrstuv\n\n")]
    [InlineData("0123456789abcdef 0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdefü")]
    public void A_file_with_anything_but_one_token_is_refused_without_repeating_it(string content)
    {
        string path = ApiHost.TokenFile(_folder.FullName, content);

        HttpSettingsException refused = Assert.Throws<HttpSettingsException>(() => BearerToken.Load(path));

        Assert.Equal("http_token_invalid", refused.Code);
        Assert.DoesNotContain("89abcdef", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_more_than_512_characters_is_refused()
    {
        Assert.True(Load(new string('t', 512)).Matches(new string('t', 512)));
        Assert.Equal("http_token_invalid", Assert.Throws<HttpSettingsException>(() => Load(new string('t', 513))).Code);
        Assert.Equal("http_token_invalid", Assert.Throws<HttpSettingsException>(() => Load(new string('t', 5_000))).Code);
    }

    [Fact]
    public void A_token_never_shows_itself() =>
        Assert.DoesNotContain(Token, new HttpSettings(HttpSettings.ParseEndpoint("127.0.0.1:0"), Load(Token)).ToString(), StringComparison.Ordinal);

    private static void Authorize(HttpRequestMessage request, string? authorization)
    {
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }
    }

    private BearerToken Load(string token) => BearerToken.Load(ApiHost.TokenFile(_folder.FullName, token));
}
