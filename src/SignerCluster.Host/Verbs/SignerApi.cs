using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Verbs;

/// <summary>Talks to running signers of one cluster: to the first that answers, and to the next when that one does not any more.</summary>
internal sealed class SignerApi : IDisposable
{
    private const string SilentCode = "server_silent";
    private const long MaximumAnswerBytes = 64 * 1024 * 1024;

    /// <summary>How long one signer may take to answer what needs no signature.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient[] _clients;
    private int _current;

    /// <summary>What signers answer. A field that is left out has no value, and one that is not known here was added by a later version.</summary>
    internal static HttpJson Json { get; } = new(
        new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectNullableAnnotations = true });

    private SignerApi(HttpClient[] clients) => _clients = clients;

    /// <summary>How many signers were named.</summary>
    internal int Count => _clients.Length;

    /// <summary>Throws <see cref="UsageException"/> for a URL or a token file that cannot be used.</summary>
    internal static SignerApi Open(IReadOnlyList<string> urls, string? tokenFile)
    {
        Uri[] roots = [.. urls.Select(ParseRoot)];
        AuthenticationHeaderValue? token = tokenFile is null ? null : new AuthenticationHeaderValue("Bearer", ReadToken(tokenFile));
        return new SignerApi([.. roots.Select(root => Connect(root, token))]);
    }

    /// <summary>
    /// Throws <see cref="ApiException"/> when the signer answers with an error, <see cref="HttpRequestException"/> when none can be reached, and
    /// <see cref="UnavailableException"/> <c>server_silent</c> when none answers.
    /// </summary>
    internal Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellation) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), json, _patience, cancellation);

    /// <summary>As <see cref="GetAsync"/>.</summary>
    /// <param name="patience">How long one signer may take to answer; null for the usual time.</param>
    internal Task<TAnswer> PostAsync<TBody, TAnswer>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyJson,
        JsonTypeInfo<TAnswer> json,
        CancellationToken cancellation,
        TimeSpan? patience = null)
    {
        string content = JsonSerializer.Serialize(body, bodyJson);
        return SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(content, Encoding.UTF8, "application/json") },
            json,
            patience ?? _patience,
            cancellation);
    }

    public void Dispose() => Array.ForEach(_clients, static client => client.Dispose());

    private static Uri ParseRoot(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? root) && root.Scheme is "http" or "https" && root.Host.Length > 0
            ? new Uri(root.GetLeftPart(UriPartial.Authority))
            : throw new UsageException("url_malformed", $"--url: an address such as http://127.0.0.1:7420, not '{url}'.");

    private static HttpClient Connect(Uri root, AuthenticationHeaderValue? token)
    {
        // Every request is bounded by the patience that it is sent with.
        HttpClient client = new() { BaseAddress = root, Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaximumAnswerBytes };
        client.DefaultRequestHeaders.Authorization = token;
        return client;
    }

    /// <summary>Every signer is asked at most once.</summary>
    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> json, TimeSpan patience, CancellationToken cancellation)
    {
        for (int asked = 1; ; asked++)
        {
            try
            {
                return await SendAsync(_clients[_current], request(), json, patience, cancellation);
            }
            catch (Exception fault) when (fault is HttpRequestException or UnavailableException { Code: SilentCode } && asked < _clients.Length)
            {
                _current = (_current + 1) % _clients.Length;
            }
        }
    }

    private static async Task<T> SendAsync<T>(
        HttpClient client, HttpRequestMessage request, JsonTypeInfo<T> json, TimeSpan patience, CancellationToken cancellation)
    {
        using HttpRequestMessage sent = request;
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        waiting.CancelAfter(patience);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(sent, waiting.Token);
            byte[] content = await response.Content.ReadAsByteArrayAsync(waiting.Token);
            return response.IsSuccessStatusCode
                ? Read(content, json)
                : throw new ApiException(FailureOf(response.StatusCode, Read(content, Json.ProblemResponse)));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new UnavailableException(SilentCode, $"{client.BaseAddress} gave no answer within {patience.TotalSeconds:0.#} seconds.");
        }
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

/// <summary>A signer answered with an error, or the files of one that does not run.</summary>
internal sealed class ApiException(Failure failure) : Exception(failure.Message)
{
    internal Failure Failure => failure;
}
