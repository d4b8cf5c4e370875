using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links.Tests;

/// <summary>A participant with a good certificate that keeps to no rule: what it sends is up to the test.</summary>
internal sealed class RawParticipant : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly X509Certificate2 _certificate;

    public RawParticipant(Network network, string party)
    {
        TestCertificate certificate = network.Certificates[party];
        _certificate = X509Certificate2.CreateFromPemFile(certificate.CertificateFile, certificate.KeyFile);
        _channel = GrpcChannel.ForAddress($"https://127.0.0.1:{network.Port}", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificates = [_certificate],
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 known && LinkPins.Of(known) == network.Coordinator.Pin,
                },
            },
        });
        Call = new LinkStream.LinkStreamClient(_channel).Open(new Metadata { { LinkEndpoint.NodeHeader, party + "-1" } });
    }

    public AsyncDuplexStreamingCall<Parcel, Parcel> Call { get; }

    public Task SendAsync(Parcel parcel) => Call.RequestStream.WriteAsync(parcel);

    /// <summary>Why the coordinator ended the stream.</summary>
    public async Task<string> EndAsync() =>
        (await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await Call.ResponseStream.MoveNext())
                Assert.NotNull(Call.ResponseStream.Current);
        })).Status.Detail;

    public void Dispose()
    {
        Call.Dispose();
        _channel.Dispose();
        _certificate.Dispose();
    }
}
