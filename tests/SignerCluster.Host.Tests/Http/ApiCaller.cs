using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Asks an API.</summary>
internal class ApiCaller(Uri url) : IDisposable
{
    // A watchdog against a hang, and shorter than the longest wait that a request may ask for.
    private static readonly TimeSpan _watchdog = TimeSpan.FromSeconds(45);

    public HttpClient Client { get; } = new() { BaseAddress = url, Timeout = _watchdog };

    public Task<Answer> PostAsync(string json, string path) => PostAsync(Encoding.UTF8.GetBytes(json), path);

    public async Task<Answer> PostAsync(byte[] body, string path)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(HttpMethod.Post, path, content);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestMessage>? alter = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        alter?.Invoke(request);
        using HttpResponseMessage response = await Client.SendAsync(request);
        return new Answer(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(), response.Headers,
            response.Content.Headers);
    }

    public void Dispose() => Client.Dispose();
}

/// <summary>What the API answered.</summary>
internal sealed record Answer(HttpStatusCode Status, string? MediaType, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string Code => Json.GetProperty("code").GetString()!;

    public string State => Json.GetProperty("state").GetString()!;

    /// <summary>Asserts everything that every error owes its caller.</summary>
    public JsonElement ShouldBeProblem(HttpStatusCode status, string code)
    {
        Assert.True(status == Status && Text.Contains($"\"{code}\"", StringComparison.Ordinal), $"Expected {(int)status} {code}, got {(int)Status}: {Text}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal(code, Code);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.Contains(Json.GetProperty("class").GetString(), new[] { "recoverable", "terminal" });
        Assert.NotEmpty(Json.GetProperty("detail").GetString()!);
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Text, StringComparison.Ordinal);
        Assert.True(Headers.CacheControl?.NoStore);
        return Json;
    }
}
