using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>How a coordinator's address is reached. Every attempt has a connection of its own, with the certificate of its day.</summary>
internal sealed class Dialing(string node, DnsEndPoint address, Handshake handshake, LinkLimits limits, ILoggerFactory logs)
{
    private const int FlowControlBytes = 1024 * 1024;

    internal string Address { get; } = $"{address.Host}:{address.Port}";

    /// <summary>Prepares a connection; it is made with the first call.</summary>
    /// <param name="met">Told in the handshake who the other side is.</param>
    internal GrpcChannel Connect(Action<PeerCertificate> met) =>
        GrpcChannel.ForAddress(new UriBuilder("https", address.Host, address.Port).Uri, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = handshake.ForClient(Address, met),
                ConnectTimeout = limits.KeepaliveTimeout,
                KeepAlivePingDelay = limits.Keepalive,
                KeepAlivePingTimeout = limits.KeepaliveTimeout,
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                InitialHttp2StreamWindowSize = FlowControlBytes,
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,

                // What this process traces is nobody else's business.
                ActivityHeadersPropagator = null,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = limits.MaximumParcelBytes,
            MaxSendMessageSize = null,
            CompressionProviders = [],
            LoggerFactory = new QuietLogs(logs),
        });

    /// <inheritdoc cref="Handshake.LifetimeUntil"/>
    internal TimeSpan LifetimeUntil(DateTimeOffset end) => handshake.LifetimeUntil(end);

    internal AsyncDuplexStreamingCall<Parcel, Parcel> Open(GrpcChannel channel, LinkClock clock, CancellationToken cancellation) =>
        new LinkStream.LinkStreamClient(channel).Open(
            new Metadata { { LinkEndpoint.NodeHeader, node }, { LinkClock.Header, clock.Said } }, cancellationToken: cancellation);
}
