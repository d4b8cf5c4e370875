using SignerCluster.Runtime;

namespace SignerCluster.Host.Http;

/// <summary>The HTTP API of an embedded cluster. Owns its listener only: cluster and journal outlive it.</summary>
internal sealed class HttpApi : IAsyncDisposable
{
    private readonly WebApplication _application;

    private HttpApi(WebApplication application) => _application = application;

    /// <summary>Where it listens, with the port that was picked. Throws <see cref="InvalidOperationException"/> before <see cref="StartAsync"/> has returned.</summary>
    public Uri Url => new(_application.Urls.First());

    /// <summary>
    /// Makes the API without listening yet. Throws <see cref="HttpSettingsException"/> with <c>http_token_required</c> when it would be open to
    /// callers from outside this machine.
    /// </summary>
    /// <param name="journal">The coordinator's journal: sessions are read from it, and readiness asks it.</param>
    public static HttpApi Build(HttpSettings settings, EmbeddedCluster cluster, IJournal journal, TimeProvider time, ILoggerFactory logs)
    {
        settings.ThrowIfOpenToOutsiders();
        return new HttpApi(WebApplication.CreateEmptyBuilder(new WebApplicationOptions()).Build());
    }

    /// <summary>Listens. Throws <see cref="HttpSettingsException"/> with <c>http_address_unavailable</c> when the address is in use or not of this machine.</summary>
    public Task StartAsync(CancellationToken cancellation) => _application.StartAsync(cancellation);

    /// <summary>Stops listening; requests that wait for a session's end answer with its present state.</summary>
    public Task StopAsync(CancellationToken cancellation) => _application.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
