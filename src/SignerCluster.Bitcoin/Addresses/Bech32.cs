using System.Diagnostics.CodeAnalysis;
using System.Text;
using NBitcoin.DataEncoders;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>
/// The bech32 and bech32m strings of BIP-0173 and BIP-0350, at most 90 characters long. NBitcoin decodes them; what it lets through, a prefix that is
/// empty or not printable, is refused here.
/// </summary>
internal static class Bech32
{
    /// <summary>
    /// Decodes a string into its lower-case prefix, its data in 5-bit groups without the checksum, and whether the checksum is that of BIP-0350.
    /// </summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out Bech32Text? decoded, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        decoded = null;
        if (text.StartsWith('1') && text.LastIndexOf('1') == 0)
        {
            refusal = Malformed("its prefix is empty");
            return false;
        }

        if (text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
        {
            refusal = Malformed("it has a character that is not printable ASCII");
            return false;
        }

        try
        {
            Bech32Encoder encoder = EncoderOf(Bech32Encoder.ExtractEncoderFromString(text).HumanReadablePart);
            byte[] groups = encoder.DecodeDataRaw(text, out Bech32EncodingType encoding);
            decoded = new Bech32Text(Encoding.ASCII.GetString(encoder.HumanReadablePart), groups, encoding == Bech32EncodingType.BECH32M);
            refusal = null;
            return true;
        }
        catch (FormatException wrong)
        {
            bool isChecksum = wrong is Bech32FormatException || wrong.Message.Contains("checksum", StringComparison.Ordinal);
            refusal = isChecksum
                ? new BitcoinRefusal(RefusalCodes.AddressChecksum, "The checksum does not fit: a character is wrong.")
                : Malformed(wrong.Message);
            return false;
        }
    }

    /// <summary>Encodes 5-bit groups under a lower-case prefix.</summary>
    public static string Encode(Bech32Text text) =>
        EncoderOf(Encoding.ASCII.GetBytes(text.Prefix))
            .EncodeData(text.Groups.AsSpan(), text.IsBech32m ? Bech32EncodingType.BECH32M : Bech32EncodingType.BECH32);

    private static Bech32Encoder EncoderOf(byte[] prefix) => new(prefix) { SquashBytes = false, StrictLength = true };

    private static BitcoinRefusal Malformed(string reason) => new(RefusalCodes.AddressMalformed, $"Not a bech32 string: {reason}.");
}

/// <summary>A decoded bech32 string.</summary>
/// <param name="Prefix">The human-readable part, in lower case.</param>
/// <param name="Groups">The data without the checksum; each byte in 0..31.</param>
internal sealed record Bech32Text(string Prefix, byte[] Groups, bool IsBech32m);
