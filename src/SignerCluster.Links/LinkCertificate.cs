using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Links;

/// <summary>
/// The TLS identity of a node, from PEM files. The files are looked at again when a handshake needs them, at most every two seconds: a renewed certificate
/// is used by the next handshake without a restart. Files that cannot be used any more (one half is written, the other not yet) leave the old identity in
/// place, and <see cref="Fault"/> says so. Safe for use by many threads.
/// </summary>
public sealed class LinkCertificate : IDisposable
{
    private static readonly TimeSpan _lookAgain = TimeSpan.FromSeconds(2);
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly TimeProvider _time;
    private volatile Identity _identity;
    private volatile string? _fault;
    private long _lookedAt;

    private LinkCertificate(string certificateFile, string keyFile, TimeProvider time)
    {
        _certificateFile = certificateFile;
        _keyFile = keyFile;
        _time = time;
        _lookedAt = time.GetTimestamp();
        _identity = Read();
    }

    /// <summary>The identity as the files have it now. Stays valid until this object is disposed, or until the finalizer once it was replaced.</summary>
    public X509Certificate2 Current => Latest().Certificate;

    /// <summary>When <see cref="Current"/> ends to be valid.</summary>
    public DateTimeOffset NotAfter => Handshake.EndOf(Current);

    /// <summary>Why the files, which changed, could not be read; null when <see cref="Current"/> is what they hold.</summary>
    public string? Fault => _fault;

    /// <summary>What a handshake presents: the certificate with the rest of its chain.</summary>
    internal SslStreamCertificateContext Context => Latest().Context;

    /// <param name="certificateFile">The certificate, first, and what it was issued by, in PEM.</param>
    /// <param name="keyFile">Its private key in PEM, not encrypted.</param>
    /// <param name="time">The clock that says when to look again.</param>
    /// <exception cref="LinkException">The files cannot be read or do not belong together.</exception>
    public static LinkCertificate Load(string certificateFile, string keyFile, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        try
        {
            return new LinkCertificate(certificateFile, keyFile, time);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // The messages of these name files and formats, never a key.
            string message = $"The link certificate {certificateFile} with the key {keyFile} cannot be used: {fault.Message}";
            throw new LinkException(LinkException.CertificateUnreadable, message, isTransient: false, fault);
        }
    }

    public void Dispose() => _identity.Certificate.Dispose();

    private Identity Latest()
    {
        long now = _time.GetTimestamp();
        long lookedAt = Volatile.Read(ref _lookedAt);
        if (_time.GetElapsedTime(lookedAt, now) >= _lookAgain && Interlocked.CompareExchange(ref _lookedAt, now, lookedAt) == lookedAt)
            LookAgain();
        return _identity;
    }

    private void LookAgain()
    {
        try
        {
            // The one that is replaced is left to its finalizer: a handshake may hold it.
            if (StampNow() != _identity.Stamp)
                _identity = Read();
            _fault = null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            _fault = fault.Message;
        }
    }

    private Identity Read()
    {
        // The stamp first: a file that changes while it is read is read again.
        Stamp stamp = StampNow();
        X509Certificate2Collection chain = [];
        string pem = File.ReadAllText(_certificateFile);
        chain.ImportFromPem(pem);
        char[] key = File.ReadAllText(_keyFile).ToCharArray();
        X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem, key);
        Array.Clear(key);
        return new Identity(certificate, SslStreamCertificateContext.Create(certificate, chain, offline: true), stamp);
    }

    private Stamp StampNow()
    {
        FileInfo certificate = new(_certificateFile);
        FileInfo key = new(_keyFile);
        return new Stamp(certificate.LastWriteTimeUtc, certificate.Length, key.LastWriteTimeUtc, key.Length);
    }

    private sealed record Identity(X509Certificate2 Certificate, SslStreamCertificateContext Context, Stamp Stamp);

    private readonly record struct Stamp(DateTime CertificateWritten, long CertificateBytes, DateTime KeyWritten, long KeyBytes);
}
