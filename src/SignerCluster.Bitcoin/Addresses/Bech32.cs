using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>Which constant closes the checksum: that of BIP-0173 or that of BIP-0350.</summary>
public enum Bech32Variant
{
    Bech32,
    Bech32m,
}

/// <summary>The bech32 and bech32m strings of BIP-0173 and BIP-0350, at most 90 characters long.</summary>
public static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int MaximumLength = 90;
    private const int ChecksumLength = 6;
    private const uint Bech32Constant = 1;
    private const uint Bech32mConstant = 0x2bc830a3;

    /// <summary>
    /// Decodes a string into its lower-case prefix, its data in 5-bit groups without the checksum, and the variant that the checksum fits.
    /// Refuses mixed case, a character outside the alphabet, a missing or empty prefix, and a wrong checksum.
    /// </summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out Bech32Text? decoded, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        decoded = null;
        refusal = CheckCharacters(text);
        if (refusal is not null)
        {
            return false;
        }

        string lower = text.ToLowerInvariant();
        int separator = lower.LastIndexOf('1');
        if (separator < 1 || lower.Length - separator - 1 < ChecksumLength)
        {
            refusal = Malformed("a prefix, the separator 1 and at least six characters of checksum are wanted");
            return false;
        }

        byte[] groups = new byte[lower.Length - separator - 1];
        for (int index = 0; index < groups.Length; index++)
        {
            int group = Alphabet.IndexOf(lower[separator + 1 + index]);
            if (group < 0)
            {
                refusal = Malformed($"character {separator + 1 + index} is not in the alphabet");
                return false;
            }

            groups[index] = (byte)group;
        }

        string prefix = lower[..separator];
        Bech32Variant? variant = Checksum(prefix, groups) switch
        {
            Bech32Constant => Bech32Variant.Bech32,
            Bech32mConstant => Bech32Variant.Bech32m,
            _ => null,
        };
        refusal = variant is null ? new BitcoinRefusal(RefusalCodes.AddressChecksum, "The checksum does not fit: a character is wrong.") : null;
        decoded = variant is null ? null : new Bech32Text(prefix, groups[..^ChecksumLength], variant.Value);
        return decoded is not null;
    }

    /// <summary>Encodes 5-bit groups under a lower-case prefix; throws <see cref="ArgumentException"/> for what could not be decoded again.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> groups, Bech32Variant variant)
    {
        if (prefix.Length == 0 || prefix.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e') || prefix.AsSpan().ContainsAnyInRange('A', 'Z'))
        {
            throw new ArgumentException("A prefix is one or more printable lower-case ASCII characters.", nameof(prefix));
        }

        if (groups.ContainsAnyExceptInRange((byte)0, (byte)31) || prefix.Length + 1 + groups.Length + ChecksumLength > MaximumLength)
        {
            throw new ArgumentException("The data is groups of five bits, short enough for 90 characters in all.", nameof(groups));
        }

        byte[] padded = [.. groups, 0, 0, 0, 0, 0, 0];
        uint checksum = Checksum(prefix, padded) ^ (variant == Bech32Variant.Bech32 ? Bech32Constant : Bech32mConstant);
        for (int index = 0; index < ChecksumLength; index++)
        {
            padded[groups.Length + index] = (byte)((checksum >> (5 * (ChecksumLength - 1 - index))) & 31);
        }

        return $"{prefix}1{string.Concat(padded.Select(group => Alphabet[group]))}";
    }

    private static BitcoinRefusal? CheckCharacters(string text)
    {
        if (text.Length > MaximumLength)
        {
            return Malformed($"it has {text.Length} characters, and at most {MaximumLength} are allowed");
        }

        if (text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
        {
            return Malformed("it has a character that is not printable ASCII");
        }

        bool isMixed = text.AsSpan().ContainsAnyInRange('a', 'z') && text.AsSpan().ContainsAnyInRange('A', 'Z');
        return isMixed ? Malformed("upper and lower case are mixed") : null;
    }

    private static BitcoinRefusal Malformed(string reason) => new(RefusalCodes.AddressMalformed, $"Not a bech32 string: {reason}.");

    // The remainder of the expanded prefix and the groups modulo the generator of BIP-0173's BCH code.
    private static uint Checksum(string prefix, ReadOnlySpan<byte> groups)
    {
        uint remainder = 1;
        foreach (char character in prefix)
        {
            remainder = Step(remainder, (uint)character >> 5);
        }

        remainder = Step(remainder, 0);
        foreach (char character in prefix)
        {
            remainder = Step(remainder, (uint)character & 31);
        }

        foreach (byte group in groups)
        {
            remainder = Step(remainder, group);
        }

        return remainder;
    }

    private static uint Step(uint remainder, uint group)
    {
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        uint top = remainder >> 25;
        remainder = ((remainder & 0x1ffffff) << 5) ^ group;
        for (int bit = 0; bit < generator.Length; bit++)
        {
            remainder ^= ((top >> bit) & 1) * generator[bit];
        }

        return remainder;
    }
}

/// <summary>A decoded bech32 string.</summary>
public sealed class Bech32Text
{
    private readonly byte[] _groups;

    internal Bech32Text(string prefix, byte[] groups, Bech32Variant variant)
    {
        Prefix = prefix;
        _groups = groups;
        Variant = variant;
    }

    /// <summary>The human-readable part, in lower case.</summary>
    public string Prefix { get; }

    public Bech32Variant Variant { get; }

    /// <summary>The data without the checksum; each byte in 0..31.</summary>
    public ReadOnlySpan<byte> Groups => _groups;
}
