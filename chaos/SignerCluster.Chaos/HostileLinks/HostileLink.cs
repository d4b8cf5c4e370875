using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SignerCluster.Chaos.HostileLinks.Wire;

namespace SignerCluster.Chaos.HostileLinks;

/// <summary>
/// A man in the middle of one link, with the valid certificates of both ends: to the participant's node it is the coordinator, to the coordinator that node. It
/// carries what passes, alters it when it is told to, and remembers it. Disposing ends it.
/// </summary>
internal sealed class HostileLink : IAsyncDisposable
{
    private readonly WebApplication _listener;
    private readonly GrpcChannel _coordinator;
    private readonly X509Certificate2[] _certificates;

    private HostileLink(WebApplication listener, GrpcChannel coordinator, X509Certificate2[] certificates, Carried carried)
    {
        (_listener, _coordinator, _certificates, Carried) = (listener, coordinator, certificates, carried);
        Port = new Uri(listener.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    /// <summary>Where the participant's node dials.</summary>
    internal int Port { get; }

    /// <summary>What passes, and what is done to it.</summary>
    internal Carried Carried { get; }

    /// <param name="coordinator">Where the coordinator's node listens.</param>
    /// <param name="coordinatorSecrets">The folder with the coordinator's certificate and key; likewise the participant's.</param>
    internal static async Task<HostileLink> StartAsync(string coordinator, string coordinatorSecrets, string participantSecrets, int seed)
    {
        X509Certificate2 shown = Load(coordinatorSecrets);
        X509Certificate2 own = Load(participantSecrets);
        GrpcChannel channel = Dial(coordinator, own, shown);
        Carried carried = new(seed);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            endpoint.UseHttps(https =>
            {
                https.ServerCertificate = shown;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = static (_, _, _) => true;
            });
        }));
        builder.Services.AddGrpc(static grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (null, null));
        builder.Services.AddSingleton(new Middle(new LinkStream.LinkStreamClient(channel), carried));
        WebApplication listener = builder.Build();
        listener.MapGrpcService<Middle>();
        await listener.StartAsync();
        return new HostileLink(listener, channel, [shown, own], carried);
    }

    public async ValueTask DisposeAsync()
    {
        using (CancellationTokenSource impatient = new(TimeSpan.FromSeconds(1)))
        {
            await _listener.StopAsync(impatient.Token);
        }

        await _listener.DisposeAsync();
        _coordinator.Dispose();
        Array.ForEach(_certificates, static certificate => certificate.Dispose());
    }

    private static GrpcChannel Dial(string coordinator, X509Certificate2 certificate, X509Certificate2 expected)
    {
        SocketsHttpHandler handler = new();
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.RemoteCertificateValidationCallback = (_, met, _, _) => met?.GetCertHashString() == expected.GetCertHashString();
        return GrpcChannel.ForAddress(
            $"https://{coordinator}",
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = null, MaxSendMessageSize = null });
    }

    private static X509Certificate2 Load(string secrets)
    {
        using X509Certificate2 read = X509Certificate2.CreateFromPemFile(Path.Combine(secrets, "node.pem"), Path.Combine(secrets, "node.key"));

        // TLS needs the key in the form that this one has.
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>One stream of the participant's, and the stream to the coordinator that belongs to it.</summary>
    private sealed class Middle(LinkStream.LinkStreamClient coordinator, Carried carried) : LinkStream.LinkStreamBase
    {
        public override async Task Open(IAsyncStreamReader<Parcel> requestStream, IServerStreamWriter<Parcel> responseStream, ServerCallContext context)
        {
            Metadata headers = [.. context.RequestHeaders.Where(static header => !header.IsBinary && header.Key.StartsWith("link", StringComparison.Ordinal))];
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
            using AsyncDuplexStreamingCall<Parcel, Parcel> onward = coordinator.Open(headers, cancellationToken: either.Token);
            // The other end must learn that it is in before anything is sent.
            await onward.ResponseHeadersAsync;
            await context.WriteResponseHeadersAsync([]);
            using Carried.Passage passage = carried.Open(responseStream, onward.RequestStream);
            Task toParticipant = passage.CarryAsync(onward.ResponseStream, isRequest: true, either.Token);
            Task toCoordinator = passage.CarryAsync(requestStream, isRequest: false, either.Token);
            await Task.WhenAny(toParticipant, toCoordinator);
            await either.CancelAsync();
        }
    }
}
