using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SignerCluster.Links;

namespace SignerCluster.Host.Pki;

/// <summary>
/// The certificate with which a node shows itself to its party's other nodes and, over a link, to other parties: ECDSA on P-256, signed by itself, because the
/// roster pins its key and nobody asks who issued it.
/// </summary>
public static class NodeCertificate
{
    private static readonly TimeSpan _validity = TimeSpan.FromDays(365);
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Writes <c>PATH.pem</c> and, readable by its owner only, <c>PATH.key</c>; good for a year. Throws <see cref="UsageException"/> (<c>out_exists</c>) and
    /// writes nothing when one of them is there, <see cref="UnavailableException"/> (<c>out_unwritable</c>) when the folder cannot be written.
    /// </summary>
    public static X509Certificate2 Create(string path, DateTimeOffset now)
    {
        if (((string[])[CertificateOf(path), KeyOf(path)]).FirstOrDefault(File.Exists) is { } taken)
        {
            throw new UsageException("out_exists", $"--out: {taken} is there already and is not overwritten.");
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={Path.GetFileName(path)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        X509Certificate2 certificate = request.CreateSelfSigned(now - _clockSkew, now + _validity);
        PemFiles.Write(CertificateOf(path), certificate, KeyOf(path), key);
        return certificate;
    }

    /// <summary>By what a roster knows a certificate: SHA-256 of its public key (SubjectPublicKeyInfo, RFC 5280), 64 hex digits in small letters.</summary>
    public static string PinOf(X509Certificate2 certificate) => LinkPins.Of(certificate);

    private static string CertificateOf(string path) => $"{path}.pem";

    private static string KeyOf(string path) => $"{path}.key";
}

/// <summary>Writes certificates and their keys as PEM files.</summary>
public static class PemFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes both, the key with mode 0600; never over a file that is there. Throws <see cref="UnavailableException"/> (<c>out_unwritable</c>).
    /// </summary>
    public static void Write(string certificateFile, X509Certificate2 certificate, string keyFile, ECDsa key)
    {
        byte[] der = key.ExportPkcs8PrivateKey();
        char[] pem = PemEncoding.Write("PRIVATE KEY", der);
        byte[] text = Encoding.ASCII.GetBytes(pem);
        try
        {
            Create(keyFile, text, OwnerOnly);
            Create(
                certificateFile,
                Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"),
                OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException("out_unwritable", $"--out: {Path.GetDirectoryName(Path.GetFullPath(keyFile))} cannot be written: {fault.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
            CryptographicOperations.ZeroMemory(text);
            Array.Clear(pem);
        }
    }

    private static void Create(string path, byte[] content, UnixFileMode mode)
    {
        using FileStream stream = new(
            path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0 });
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }
}
