using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Links;

/// <summary>
/// What both ends demand of TLS: each shows a certificate that is valid now and whose key is pinned. Neither authorities nor host names are asked: the pin says
/// who it is. No session is ever resumed, so every connection is checked anew and with the certificates of its day.
/// </summary>
internal sealed class Handshake(LinkCertificate certificate, LinkPins pins, TimeProvider time, Refusals refusals)
{
    private static readonly List<SslApplicationProtocol> _http2 = [SslApplicationProtocol.Http2];

    internal SslServerAuthenticationOptions ForServer(string address) => new()
    {
        ServerCertificateContext = certificate.Context,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, presented, _, _) => IsWelcome(presented as X509Certificate2, address, out _),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = _http2,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <param name="address">Who is dialled.</param>
    /// <param name="met">Told the party, and how long a link to it may live, before any byte is carried.</param>
    internal SslClientAuthenticationOptions ForClient(string address, Action<string, TimeSpan> met) => new()
    {
        ClientCertificateContext = certificate.Context,
        RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            bool isWelcome = IsWelcome(presented as X509Certificate2, address, out string party);
            if (isWelcome)
                met(party, LifetimeOf((X509Certificate2)presented!));
            return isWelcome;
        },
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = _http2,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>How long a link to the holder of a certificate may live: then it is made anew, with whatever certificate is presented then.</summary>
    internal TimeSpan LifetimeOf(X509Certificate2 presented)
    {
        TimeSpan left = presented.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;

        // Timers count no further.
        TimeSpan longest = TimeSpan.FromDays(20);
        return left > longest ? longest : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private bool IsWelcome(X509Certificate2? presented, string address, out string party)
    {
        party = string.Empty;
        if (presented is null)
            return Refuse(RefusalReason.Missing, address, pin: null);
        if (pins.PartyOf(presented) is not { } known)
            return Refuse(RefusalReason.Unpinned, address, LinkPins.Of(presented));
        DateTime now = time.GetUtcNow().UtcDateTime;
        if (now > presented.NotAfter.ToUniversalTime())
            return Refuse(RefusalReason.Expired, address, LinkPins.Of(presented));
        if (now < presented.NotBefore.ToUniversalTime())
            return Refuse(RefusalReason.Premature, address, LinkPins.Of(presented));
        party = known;
        return true;
    }

    private bool Refuse(RefusalReason reason, string address, string? pin)
    {
        refusals.Note(reason, address, pin);
        return false;
    }
}
