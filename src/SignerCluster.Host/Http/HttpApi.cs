using System.Net.Mime;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SignerCluster.Host.Telemetry;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace SignerCluster.Host.Http;

/// <summary>The HTTP API of a process. Owns its listener only: what is served outlives it.</summary>
internal sealed class HttpApi : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly HttpSettings _settings;

    private HttpApi(WebApplication application, HttpSettings settings)
    {
        _application = application;
        _settings = settings;
    }

    /// <summary>
    /// Where it listens, with the port that was picked. Throws <see cref="InvalidOperationException"/> before <see cref="StartAsync"/> has returned.
    /// </summary>
    public Uri Url => new(_application.Urls.First());

    /// <summary>
    /// Makes the API without listening yet. Throws <see cref="HttpSettingsException"/> with <c>http_token_required</c> when it would be open to
    /// callers from outside this machine.
    /// </summary>
    /// <param name="metering">What is shown as metrics; null for none. Outlives the API.</param>
    public static HttpApi Build(HttpSettings settings, ServedNode served, TimeProvider time, ILoggerFactory logs, Metering? metering = null)
    {
        WebApplication application = Create(settings, logs);
        GroupEndpoints groups = new(served.Groups);
        RequestBodies bodies = new(settings.Limits, time);
        MapAll(application, groups, served.Readiness);
        if (metering is not null)
        {
            metering.Watch(served);
            MapMetrics(application, metering);
        }

        if (served.Sessions is { } sessions)
        {
            SessionEndpoints endpoints = new(sessions, groups, bodies, settings.Limits, time, application.Lifetime.ApplicationStopping);
            MapSessions(application, endpoints);
            if (served.Guardians.FirstOrDefault(static party => party.IsCoordinator) is { } coordinator)
            {
                GuardianMap.MapWithdrawals(application, new WithdrawalEndpoints(coordinator, served.Session!, endpoints, groups, bodies, time));
            }

            if (served.Jobs is { } jobs)
            {
                JobSlots slots = new(settings.Limits);
                application.Lifetime.ApplicationStopped.Register(slots.Dispose);
                JobMap.Map(application, new JobEndpoints(jobs, bodies, slots, application.Lifetime.ApplicationStopping));
                JobMap.MapCertificates(application, new CertificateEndpoints(endpoints, groups, bodies, slots));
            }
        }

        GuardianMap.MapGuardians(application, new GuardianEndpoints(served.Guardians, groups, bodies, time));

        if (served.Standing is { } standing)
        {
            application.MapGet(ApiPaths.Cluster, () => TypedResults.Json(standing(), HttpJson.Default.ClusterResponse))
                .WithSummary("What this node sees of its parties' clusters: members, shards, links, certificates.").Produces<ClusterResponse>()
                .ProducesProblems(401);
        }

        MapOperators(application, new KeyEndpoints(served.Journals, bodies));
        return new HttpApi(application, settings);
    }

    /// <summary>
    /// As <see cref="Build"/> for a process that cannot serve yet: health is told, and every other path is answered as readiness is. Throws as that does.
    /// </summary>
    public static HttpApi BuildWaiting(HttpSettings settings, IReadiness readiness, ILoggerFactory logs)
    {
        WebApplication application = Create(settings, logs);
        MapHealth(application, readiness);
        application.MapFallback((Delegate)((HttpContext context) => readiness.AskAsync(context.RequestAborted))).ExcludeFromDescription();
        return new HttpApi(application, settings);
    }

    /// <summary>
    /// Listens. Throws <see cref="HttpSettingsException"/> with <c>http_address_unavailable</c> when the address is in use or not of this machine.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            await _application.StartAsync(cancellation);
        }
        catch (Exception fault) when (fault is IOException or System.Net.Sockets.SocketException)
        {
            throw new HttpSettingsException(
                "http_address_unavailable",
                $"{_settings.Endpoint} cannot be listened on: {fault.Message} Stop what uses it, or choose another --http.",
                isTransient: true,
                fault);
        }
    }

    /// <summary>Stops listening; requests that wait for a session's end answer with its present state.</summary>
    public Task StopAsync(CancellationToken cancellation) => _application.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static WebApplication Create(HttpSettings settings, ILoggerFactory logs)
    {
        settings.ThrowIfOpenToOutsiders();

        // The empty builder reads no file and no environment variable: nothing but the settings can open a listener.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = typeof(HttpApi).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, settings));
        builder.Services.AddRouting();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.Limits.Stop);
        builder.Services.ConfigureHttpJsonOptions(static options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, HttpJson.Default));
        builder.Services.AddOpenApi("v1", ApiDescription.Describe);

        WebApplication application = builder.Build();
        UseErrors(application);
        CallerGate gate = new(settings.Token);
        application.Use(next => context => gate.PassAsync(context, next));
        return application;
    }

    private static void Limit(KestrelServerOptions kestrel, HttpSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = settings.Limits.Connections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = 0;
        kestrel.Limits.MaxRequestBodySize = HttpLimits.MaximumDrainedBytes;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.RequestHeadersTimeout = settings.Limits.Headers;
        kestrel.Listen(settings.Endpoint, static listen => listen.Protocols = HttpProtocols.Http1);
    }

    /// <summary>Every error leaves as a problem, and none with an exception's text.</summary>
    private static void UseErrors(WebApplication application)
    {
        application.Use(static next => context =>
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        application.UseExceptionHandler(new ExceptionHandlerOptions
        {
            AllowStatusCode404Response = true,
            ExceptionHandler = static context => ToProblem(context.Features.GetRequiredFeature<IExceptionHandlerFeature>().Error).ExecuteAsync(context),
            SuppressDiagnosticsCallback = static context => context.Exception is BadHttpRequestException,
        });
        application.UseStatusCodePages(static context => Problem.OfStatus(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
    }

    private static Problem ToProblem(Exception fault) => fault switch
    {
        BadHttpRequestException malformed => Problem.OfStatus(malformed.StatusCode),
        KeyProviderException key => Problem.Unavailable(key.Code, key.IsTransient),
        JournalException journal => Problem.Unavailable(journal.Code, journal.IsTransient),
        UnreadableHistoryException => Problem.Unavailable("entity_quarantined", isTransient: false),
        _ => Problem.OfStatus(StatusCodes.Status500InternalServerError),
    };

    private static void MapAll(WebApplication application, GroupEndpoints groups, IReadiness readiness)
    {
        application.MapOpenApi(ApiPaths.Description);
        MapHealth(application, readiness);
        application.MapGet(ApiPaths.Groups, groups.List)
            .WithSummary("The groups of the cluster.").Produces<GroupListResponse>().ProducesProblems(401);
        application.MapGet(ApiPaths.Group, groups.Show)
            .WithSummary("A group's public data.").Produces<GroupResponse>().ProducesProblems(400, 401, 404);
    }

    private static void MapHealth(WebApplication application, IReadiness readiness)
    {
        application.MapGet(ApiPaths.Health, static () => TypedResults.Json(new HealthResponse("serving"), HttpJson.Default.HealthResponse))
            .WithSummary("Does the process serve?").Produces<HealthResponse>().IsOpenToAll();
        application.MapGet(ApiPaths.Readiness, (Delegate)((HttpContext context) => readiness.AskAsync(context.RequestAborted)))
            .WithSummary("Can the cluster sign?").Produces<ReadinessResponse>().ProducesProblems(503).IsOpenToAll();
    }

    private static void MapMetrics(WebApplication application, Metering metering)
    {
        RequestDelegate scrape = ((IEndpointRouteBuilder)application).CreateApplicationBuilder()
            .UseOpenTelemetryPrometheusScrapingEndpoint(metering.Provider, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();
        application.MapGet(ApiPaths.Metrics, (Delegate)((HttpContext context) => scrape(context)))
            .WithSummary("Counters and gauges in Prometheus' text format.").Produces(StatusCodes.Status200OK, contentType: MediaTypeNames.Text.Plain)
            .ProducesProblems(401);
    }

    private static void MapSessions(WebApplication application, SessionEndpoints sessions)
    {
        application.MapGet(ApiPaths.Sessions, sessions.ListAsync)
            .WithSummary("A group's sessions, newest last.").Produces<SessionListResponse>().ProducesProblems(400, 401, 404, 503)
            .TakesNumber("limit", 1, SessionEndpoints.MaximumPage, SessionEndpoints.DefaultPage, "Sessions on a page.")
            .TakesText("after", "The id of a session; the page starts with the one opened next.");
        application.MapGet(ApiPaths.Session, sessions.ShowAsync)
            .WithSummary("A session: state, attempts with reasons, culprits with evidence, signature.").Produces<SessionResponse>()
            .ProducesProblems(400, 401, 404, 503);
        application.MapPost(ApiPaths.Sessions, sessions.OpenAsync)
            .WithSummary("Opens a session, or joins the one that the id names, and waits for its end.")
            .Accepts<SessionRequest>(MediaTypeNames.Application.Json)
            .Produces<SessionResponse>().Produces<SessionResponse>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 401, 403, 404, 408, 409, 413, 415, 422, 503)
            .TakesNumber("wait", 0, HttpLimits.MaximumWaitSeconds, 0, "Seconds to wait for the end of the session; 202 when it has not ended by then.");
    }

    private static void MapOperators(WebApplication application, KeyEndpoints keys)
    {
        application.MapGet(ApiPaths.Keys, (Delegate)keys.ShowAsync)
            .WithSummary("The key rings of the nodes: epochs, phases, and what still stands under earlier keys.")
            .Produces<KeyListResponse>().ProducesProblems(400, 401, 503);
        application.MapPost(ApiPaths.KeyRotation, (Delegate)keys.RotateAsync)
            .WithSummary("Makes fresh data keys the active ones. What stands under earlier keys is moved in the background.")
            .Accepts<RotationRequest>(MediaTypeNames.Application.Json)
            .Produces<RotationListResponse>().ProducesProblems(400, 401, 408, 413, 415, 503);
        application.MapGet(ApiPaths.Quarantine, keys.ListQuarantined)
            .WithSummary("The entities met so far whose histories cannot be trusted.").Produces<QuarantineListResponse>().ProducesProblems(400, 401);
    }

    /// <summary>Signals belong to the verb that serves this API, not to the listener.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
