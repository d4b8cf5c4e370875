using System.Collections.Concurrent;
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

    // Whoever is refused knocks again within seconds.
    private static readonly TimeSpan _memory = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, (PeerCertificate Shown, long At)> _expired = new(StringComparer.Ordinal);

    /// <summary>Pinned certificates that were refused within the last minute because they have expired.</summary>
    internal IReadOnlyList<PeerCertificate> Expired =>
        [.. _expired.Values.Where(one => time.GetElapsedTime(one.At) < _memory).Select(static one => one.Shown)];

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
    /// <param name="met">Told what the other end shows, before any byte is carried.</param>
    internal SslClientAuthenticationOptions ForClient(string address, Action<PeerCertificate> met) => new()
    {
        ClientCertificateContext = certificate.Context,
        RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            bool isWelcome = IsWelcome(presented as X509Certificate2, address, out string party);
            if (isWelcome)
                met(new PeerCertificate(party, EndOf((X509Certificate2)presented!)));
            return isWelcome;
        },
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = _http2,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>How long a link to the holder of a certificate may live: then it is made anew, with whatever certificate is presented then.</summary>
    internal TimeSpan LifetimeUntil(DateTimeOffset end)
    {
        TimeSpan left = end - time.GetUtcNow();

        // Timers count no further.
        TimeSpan longest = TimeSpan.FromDays(20);
        return left > longest ? longest : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    internal static DateTimeOffset EndOf(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime());

    private bool IsWelcome(X509Certificate2? presented, string address, out string party)
    {
        party = string.Empty;
        if (presented is null)
            return Refuse(RefusalReason.Missing, address, pin: null);
        string pin = LinkPins.Of(presented);
        if (pins.PartyOf(presented) is not { } known)
            return Refuse(RefusalReason.Unpinned, address, pin);
        DateTimeOffset now = time.GetUtcNow();
        if (now > EndOf(presented))
        {
            _expired[pin] = (new PeerCertificate(known, EndOf(presented)), time.GetTimestamp());
            return Refuse(RefusalReason.Expired, address, pin);
        }

        if (now.UtcDateTime < presented.NotBefore.ToUniversalTime())
            return Refuse(RefusalReason.Premature, address, pin);
        _expired.TryRemove(pin, out _);
        party = known;
        return true;
    }

    internal bool Refuse(RefusalReason reason, string address, string? pin)
    {
        refusals.Note(reason, address, pin);
        return false;
    }
}
