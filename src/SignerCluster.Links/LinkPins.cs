using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Links;

/// <summary>
/// The parties that may be met, each known by the keys of its TLS certificates. A pin stands for the trust in an authority: whoever holds the key is the
/// party, whatever the certificate says. Immutable; safe for use by many threads.
/// </summary>
public sealed class LinkPins
{
    private readonly FrozenDictionary<string, string> _partyByPin;

    /// <param name="spkiSha256ByParty">
    /// The SHA-256 of the SubjectPublicKeyInfo of each party's certificates, as 64 digits of lower-case hex; several while a key is renewed.
    /// </param>
    /// <exception cref="ArgumentException">A pin is malformed, or two parties have the same.</exception>
    public LinkPins(IReadOnlyDictionary<string, IReadOnlyList<string>> spkiSha256ByParty)
    {
        ArgumentNullException.ThrowIfNull(spkiSha256ByParty);
        Dictionary<string, string> partyByPin = new(StringComparer.Ordinal);
        foreach ((string party, IReadOnlyList<string> pins) in spkiSha256ByParty)
        {
            ArgumentException.ThrowIfNullOrEmpty(party, nameof(spkiSha256ByParty));
            foreach (string pin in pins)
                Add(partyByPin, party, pin);
        }

        _partyByPin = partyByPin.ToFrozenDictionary(StringComparer.Ordinal);
        Parties = [.. spkiSha256ByParty.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>All parties that may be met, in order.</summary>
    public IReadOnlyList<string> Parties { get; }

    /// <summary>The pin of a certificate: the SHA-256 of its SubjectPublicKeyInfo in lower-case hex.</summary>
    public static string Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>The party that the key of a certificate is pinned for; null when it is nobody's. Says nothing about the certificate's validity.</summary>
    public string? PartyOf(X509Certificate2 certificate) => _partyByPin.GetValueOrDefault(Of(certificate));

    private static void Add(Dictionary<string, string> partyByPin, string party, string pin)
    {
        if (pin.Length != 2 * SHA256.HashSizeInBytes || pin.Any(static digit => !char.IsAsciiHexDigitLower(digit)))
            throw new ArgumentException($"A pin of {party} is not 64 digits of lower-case hex: '{pin}'.", nameof(pin));
        if (partyByPin.TryGetValue(pin, out string? other) && other != party)
            throw new ArgumentException($"{party} and {other} have the same pin: one key cannot be two parties.", nameof(pin));
        partyByPin[pin] = party;
    }
}
