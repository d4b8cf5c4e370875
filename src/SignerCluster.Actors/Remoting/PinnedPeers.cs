using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Remote.Transport.DotNetty;
using Microsoft.Extensions.Logging;

namespace SignerCluster.Actors.Remoting;

/// <summary>
/// Who may connect to a node of a party, and whom it dials: peers that prove to have a pinned key, while their certificate is valid. No authority is asked, so
/// nobody gets in who was only signed by one.
/// </summary>
public sealed partial class PinnedPeers
{
    private const int PinLength = 2 * SHA256.HashSizeInBytes;

    private readonly HashSet<string> _pins;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Pace _pace;

    /// <param name="pins">See <see cref="PinOf"/>. Lower-case hex.</param>
    /// <exception cref="ArgumentException">There is no pin, or one is none.</exception>
    public PinnedPeers(IEnumerable<string> pins, TimeProvider time, ILogger log)
    {
        _pins = [.. pins];
        (_time, _log, _pace) = (time, log, new Pace(time));
        if (_pins.Count == 0 || !_pins.All(static pin => pin.Length == PinLength && pin.All(char.IsAsciiHexDigitLower)))
        {
            throw new ArgumentException("A pin is the SHA-256 of a public key, 64 digits of lower-case hex, and there is one at least.", nameof(pins));
        }
    }

    /// <summary>The SHA-256 of a certificate's SubjectPublicKeyInfo, in lower-case hex: it stays when a certificate is renewed for the same key.</summary>
    public static string PinOf(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>What an actor system is started with, so that <see cref="PinnedTransport"/> talks to these peers only.</summary>
    /// <param name="certificate">This node's own, with its key.</param>
    /// <exception cref="ArgumentException">The certificate has no key, or is not valid now: nobody would talk to this node.</exception>
    public DotNettySslSetup With(X509Certificate2 certificate)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException("The certificate of this node has no private key.", nameof(certificate));
        }

        return IsValidNow(certificate)
            ? new DotNettySslSetup(
                certificate,
                suppressValidation: false,
                requireMutualAuthentication: true,
                validateCertificateHostname: false,
                (presented, _, peer, _, _) => Accepts(presented, peer))
            : throw new ArgumentException(
                $"The certificate of this node is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u} only.", nameof(certificate));
    }

    internal bool Accepts(X509Certificate2? certificate, string? peer)
    {
        // What else the certificate says is whatever its owner wrote into it, and is not repeated in a log.
        string? reason = certificate switch
        {
            null => "it shows no certificate",
            _ when !_pins.Contains(PinOf(certificate)) => $"its key {PinOf(certificate)} is not pinned",
            _ when !IsValidNow(certificate) => $"the certificate of its key {PinOf(certificate)} is not valid now",
            _ => null,
        };
        if (reason is not null && _pace.Allows(out long leftOut))
        {
            Refused(peer ?? "unknown", reason, leftOut);
        }

        return reason is null;
    }

    private bool IsValidNow(X509Certificate2 certificate)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        return certificate.NotBefore.ToUniversalTime() <= now && now <= certificate.NotAfter.ToUniversalTime();
    }

    [LoggerMessage(LogLevel.Warning, "Peer {Peer} was refused: {Reason}. {LeftOut} more were refused since the last line of this kind")]
    private partial void Refused(string peer, string reason, long leftOut);
}
