using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Verbs;

/// <summary>Talks to a running signer.</summary>
internal sealed class SignerApi : IDisposable
{
    private const long MaximumAnswerBytes = 64 * 1024 * 1024;
    private readonly HttpClient _client;

    /// <summary>What signers answer. A field that is left out has no value, and one that is not known here was added by a later version.</summary>
    internal static HttpJson Json { get; } = new(
        new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectNullableAnnotations = true });

    private SignerApi(HttpClient client) => _client = client;

    /// <summary>Throws <see cref="UsageException"/> for a URL or a token file that cannot be used.</summary>
    internal static SignerApi Open(string url, string? tokenFile)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? root) || root.Scheme is not ("http" or "https") || root.Host.Length == 0)
        {
            throw new UsageException("url_malformed", $"--url: an address such as http://127.0.0.1:7420, not '{url}'.");
        }

        // The caller's own deadline bounds every request.
        HttpClient client = new()
        {
            BaseAddress = new Uri(root.GetLeftPart(UriPartial.Authority)),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaximumAnswerBytes,
        };
        client.DefaultRequestHeaders.Authorization = tokenFile is null ? null : new AuthenticationHeaderValue("Bearer", ReadToken(tokenFile));
        return new SignerApi(client);
    }

    /// <summary>
    /// Throws <see cref="ApiException"/> when the signer answers with an error, <see cref="HttpRequestException"/> when it cannot be reached.
    /// </summary>
    internal Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), json, cancellation);

    /// <summary>As <see cref="GetAsync"/>.</summary>
    internal Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyJson, JsonTypeInfo<TAnswer> json, CancellationToken cancellation) => SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(JsonSerializer.Serialize(body, bodyJson), Encoding.UTF8, "application/json"),
        },
        json,
        cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response = await _client.SendAsync(sent, cancellation);
        byte[] content = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new ApiException(FailureOf(response.StatusCode, Read(content, Json.ProblemResponse)));
        }

        return Read(content, json);
    }

    private static Failure FailureOf(HttpStatusCode status, ProblemResponse problem) => status switch
    {
        HttpStatusCode.Unauthorized => Failure.Usage(problem.Code, $"--token-file: {problem.Detail}"),
        HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => Failure.Unavailable(problem.Code, problem.Detail),
        _ => new Failure(ExitCode.Refused, problem.Code, problem.Class, problem.Detail, problem.Evidence),
    };

    private static T Read<T>(byte[] content, JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(content, json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException malformed)
        {
            throw new UnavailableException("server_unexpected", $"--url: what answers there is not a signer of this version: {malformed.Message}");
        }
    }

    private static string ReadToken(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\r', '\n');
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("http_token_missing", $"--token-file: {path} cannot be read: {fault.Message}");
        }
    }
}

/// <summary>A running signer answered with an error.</summary>
internal sealed class ApiException(Failure failure) : Exception(failure.Message)
{
    internal Failure Failure => failure;
}
