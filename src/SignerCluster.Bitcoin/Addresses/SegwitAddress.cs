using System.Diagnostics.CodeAnalysis;
using NBitcoin.DataEncoders;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>Segwit addresses of BIP-0173 (version 0) and BIP-0350 (versions 1 to 16).</summary>
public static class SegwitAddress
{
    private const byte Op1 = 0x51;

    private static readonly Dictionary<string, Network> _networks =
        new(StringComparer.Ordinal) { ["bc"] = Network.Mainnet, ["tb"] = Network.Testnet, ["bcrt"] = Network.Regtest };

    /// <summary>The address of a taproot output key.</summary>
    public static string PayToTaproot(Network network, in XOnlyPublicKey outputKey) => Encode(network, Taproot.ScriptPubKey(outputKey));

    /// <summary>The address of a witness program; throws <see cref="ArgumentException"/> for any other script.</summary>
    public static string Encode(Network network, Script scriptPubKey)
    {
        if (!scriptPubKey.TryGetWitnessProgram(out int version, out ReadOnlySpan<byte> program))
        {
            throw new ArgumentException("Only a witness program has a segwit address.", nameof(scriptPubKey));
        }

        string prefix = _networks.Single(entry => entry.Value == network).Key;
        return Encoders.Bech32(prefix).Encode((byte)version, program.ToArray());
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

        if (!_networks.TryGetValue(text.Prefix, out network))
        {
            refusal = new BitcoinRefusal(RefusalCodes.AddressUnknownNetwork, $"No network has the prefix {text.Prefix}.");
            return false;
        }

        try
        {
            byte[] program = Encoders.Bech32(text.Prefix).Decode(address, out byte version);
            scriptPubKey = Script.From([version == 0 ? (byte)0 : (byte)(Op1 - 1 + version), (byte)program.Length, .. program]);
            return true;
        }
        catch (FormatException wrong)
        {
            refusal = wrong.Message.Contains("should have used", StringComparison.Ordinal)
                ? new BitcoinRefusal(RefusalCodes.AddressWrongChecksumVariant, $"The checksum is not the one of its version: {wrong.Message}.")
                : new BitcoinRefusal(RefusalCodes.AddressInvalidProgram, $"The address holds no valid witness program: {wrong.Message}.");
            return false;
        }
    }
}
