using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Host;

/// <summary>Loads certificates that others' are checked by or that are shown to others, and finds out before they are used that they cannot be.</summary>
internal static class CertificateCheck
{
    /// <summary>
    /// The certificates of a PEM file, at least one, all of them valid at <paramref name="now"/>. Throws <see cref="DataDirectoryException"/>
    /// (<c>certificate_missing</c>, <c>certificate_invalid</c>, <c>certificate_expired</c>, <c>certificate_not_yet_valid</c>) that names the file, the subject,
    /// the time and what to run.
    /// </summary>
    internal static X509Certificate2Collection Load(string path, DateTimeOffset now)
    {
        X509Certificate2Collection certificates = Read(path);
        foreach (X509Certificate2 certificate in certificates)
        {
            if (now.UtcDateTime >= certificate.NotAfter.ToUniversalTime())
            {
                throw Unusable(
                    "certificate_expired",
                    $"{path}: the certificate of {certificate.Subject} expired on {Text(certificate.NotAfter)}. Have it renewed; for development run: "
                        + "signer pki certificates --out DIR --host NAME");
            }

            if (now.UtcDateTime < certificate.NotBefore.ToUniversalTime())
            {
                throw Unusable(
                    "certificate_not_yet_valid",
                    $"{path}: the certificate of {certificate.Subject} is valid from {Text(certificate.NotBefore)}. Correct this machine's clock, or wait.");
            }
        }

        return certificates;
    }

    /// <summary>As <see cref="Load"/>, whether they are valid now or not.</summary>
    internal static X509Certificate2Collection Read(string path)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Unusable(
                "certificate_missing",
                $"{path} cannot be read: {fault.Message} Put the certificate there; for development run: signer pki certificates --out DIR --host NAME",
                fault);
        }
        catch (CryptographicException fault)
        {
            throw Unusable("certificate_invalid", $"{path} is not a PEM file of certificates: {fault.Message}", fault);
        }

        return certificates.Count > 0
            ? certificates
            : throw Unusable("certificate_invalid", $"{path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----).");
    }

    internal static string Text(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static DataDirectoryException Unusable(string code, string message, Exception? fault = null) => new(code, message, isTransient: false, fault);
}
