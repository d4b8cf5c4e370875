using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SignerCluster.Links;

/// <summary>
/// The HTTP server behind a listener: HTTP/2 over TLS, one method, nothing else. It reads no configuration, no environment and no files, handles no signals and
/// writes to no console.
/// </summary>
internal static class LinkServer
{
    // A connection carries one stream; another is opened only while the one before ends.
    private const int StreamsPerConnection = 4;
    private const int FlowControlBytes = 1024 * 1024;
    private const int HeaderBytes = 8 * 1024;

    internal static WebApplication Create(
        IPEndPoint listen, LinkEndpoint endpoint, Handshake handshake, Connections connections, LinkLimits limits, ILoggerFactory logs)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new QuietLogs(logs));
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.AddSingleton(endpoint);
        builder.Services.AddRouting();
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = limits.MaximumParcelBytes;
            options.MaxSendMessageSize = null;
            options.CompressionProviders.Clear();
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            Limit(kestrel, limits);
            kestrel.Listen(listen, port => Secure(port, handshake, connections, limits));
        });
        WebApplication server = builder.Build();
        server.MapGrpcService<LinkEndpoint>();
        return server;
    }

    internal static IPEndPoint EndpointOf(WebApplication server)
    {
        ICollection<string> addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return IPEndPoint.Parse(new Uri(addresses.Single()).Authority);
    }

    private static void Limit(KestrelServerOptions kestrel, LinkLimits limits)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = limits.KeepaliveTimeout;
        kestrel.Limits.KeepAliveTimeout = limits.Keepalive + limits.KeepaliveTimeout;
        kestrel.Limits.Http2.KeepAlivePingDelay = limits.Keepalive;
        kestrel.Limits.Http2.KeepAlivePingTimeout = limits.KeepaliveTimeout;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.Http2.InitialConnectionWindowSize = FlowControlBytes;
        kestrel.Limits.Http2.InitialStreamWindowSize = FlowControlBytes;
    }

    private static void Secure(ListenOptions port, Handshake handshake, Connections connections, LinkLimits limits)
    {
        port.Protocols = HttpProtocols.Http2;
        port.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = limits.KeepaliveTimeout,
            OnConnection = context => ValueTask.FromResult(handshake.ForServer(context.Connection.RemoteEndPoint?.ToString() ?? "nowhere")),
        });
        port.Use(next => connection => connections.CountAsync(connection, next));
    }

    /// <summary>The server lives and dies with its owner: signals are the process's business.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
