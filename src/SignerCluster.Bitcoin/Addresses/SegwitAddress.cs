using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>Segwit addresses of BIP-0173 (version 0) and BIP-0350 (versions 1 to 16).</summary>
public static class SegwitAddress
{
    private const byte Op1 = 0x51;
    private const int MinimumProgramLength = 2;
    private const int MaximumProgramLength = 40;

    /// <summary>The address of a taproot output key.</summary>
    public static string PayToTaproot(Network network, in XOnlyPublicKey outputKey) => Encode(network, Taproot.ScriptPubKey(outputKey));

    /// <summary>The address of a witness program; throws <see cref="ArgumentException"/> for any other script.</summary>
    public static string Encode(Network network, Script scriptPubKey)
    {
        ReadOnlySpan<byte> script = scriptPubKey.AsSpan();
        if (script.Length < 4 || script[1] != script.Length - 2 || script[0] is not (0 or (>= Op1 and < Op1 + 16))
            || !IsProgram(Version(script[0]), script[2..]))
        {
            throw new ArgumentException("Only a witness program has a segwit address.", nameof(scriptPubKey));
        }

        int version = Version(script[0]);
        byte[] groups = [(byte)version, .. ToGroups(script[2..])];
        return Bech32.Encode(Prefix(network), groups, VariantOf(version));
    }

    /// <summary>
    /// The network and the output script of an address; refuses one of another chain, and one whose checksum is not of its version's variant.
    /// </summary>
    public static bool TryDecode(
        string address, out Network network, [NotNullWhen(true)] out Script? scriptPubKey, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        scriptPubKey = null;
        network = default;
        if (!Bech32.TryDecode(address, out Bech32Text? text, out refusal))
        {
            return false;
        }

        if (!TryParsePrefix(text.Prefix, out network))
        {
            refusal = new BitcoinRefusal(RefusalCodes.AddressUnknownNetwork, $"No network has the prefix {text.Prefix}.");
            return false;
        }

        if (text.Groups.IsEmpty || text.Groups[0] > 16 || !TryFromGroups(text.Groups[1..], out byte[] program) || !IsProgram(text.Groups[0], program))
        {
            refusal = new BitcoinRefusal(RefusalCodes.AddressInvalidProgram, "The address holds no valid witness program.");
            return false;
        }

        int version = text.Groups[0];
        if (text.Variant != VariantOf(version))
        {
            refusal = new BitcoinRefusal(
                RefusalCodes.AddressWrongChecksumVariant, $"Version {version} is written with a {VariantOf(version)} checksum, not {text.Variant}.");
            return false;
        }

        scriptPubKey = Script.From([version == 0 ? (byte)0 : (byte)(Op1 - 1 + version), (byte)program.Length, .. program]);
        return true;
    }

    private static string Prefix(Network network) => network switch
    {
        Network.Mainnet => "bc",
        Network.Testnet => "tb",
        Network.Regtest => "bcrt",
        _ => throw new ArgumentOutOfRangeException(nameof(network)),
    };

    private static bool TryParsePrefix(string prefix, out Network network)
    {
        (network, bool known) = prefix switch
        {
            "bc" => (Network.Mainnet, true),
            "tb" => (Network.Testnet, true),
            "bcrt" => (Network.Regtest, true),
            _ => (default, false),
        };
        return known;
    }

    private static int Version(byte opcode) => opcode == 0 ? 0 : opcode - Op1 + 1;

    private static Bech32Variant VariantOf(int version) => version == 0 ? Bech32Variant.Bech32 : Bech32Variant.Bech32m;

    private static bool IsProgram(int version, ReadOnlySpan<byte> program) =>
        program.Length is >= MinimumProgramLength and <= MaximumProgramLength && (version != 0 || program.Length is 20 or 32);

    private static byte[] ToGroups(ReadOnlySpan<byte> bytes)
    {
        byte[] groups = new byte[((8 * bytes.Length) + 4) / 5];
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            int value = (bytes[bit / 8] >> (7 - (bit % 8))) & 1;
            groups[bit / 5] |= (byte)(value << (4 - (bit % 5)));
        }

        return groups;
    }

    // The padding behind the last whole byte has fewer than five bits, and all of them are zero.
    private static bool TryFromGroups(ReadOnlySpan<byte> groups, out byte[] bytes)
    {
        bytes = new byte[5 * groups.Length / 8];
        bool paddingIsZero = true;
        for (int bit = 0; bit < 5 * groups.Length; bit++)
        {
            int value = (groups[bit / 5] >> (4 - (bit % 5))) & 1;
            if (bit < 8 * bytes.Length)
            {
                bytes[bit / 8] |= (byte)(value << (7 - (bit % 8)));
            }
            else
            {
                paddingIsZero &= value == 0;
            }
        }

        return paddingIsZero && (5 * groups.Length) % 8 < 5;
    }
}
