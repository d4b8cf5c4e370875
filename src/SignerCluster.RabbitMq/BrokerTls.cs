using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;
using SignerCluster.Journal.Postgres;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>TLS to the broker: its certificate must lead to one of the operator's own authorities, and to no other, and carry the server's name.</summary>
/// <param name="CaFile">A PEM file with the certificates of the authorities.</param>
/// <param name="ServerName">The DNS name or address in the broker's certificate.</param>
public sealed record BrokerTls(string CaFile, string ServerName)
{
    /// <summary>Throws <see cref="EngineException"/> <c>broker_ca_invalid</c> when the file cannot be read or holds no certificate.</summary>
    internal SslOption ToOption()
    {
        var judge = new ServerCertificate(Load(), ServerName, TimeProvider.System);
        return new SslOption(ServerName, enabled: true) { CertificateValidationCallback = judge.Validate };
    }

    private X509Certificate2Collection Load()
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(CaFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid(fault.Message, fault);
        }

        return authorities.Count > 0 ? authorities : throw Invalid("it holds no certificate.", inner: null);
    }

    private EngineException Invalid(string reason, Exception? inner) =>
        new("broker_ca_invalid", $"The file of the broker's authorities, {CaFile}, cannot be used: {reason}", isTransient: false, inner);
}
