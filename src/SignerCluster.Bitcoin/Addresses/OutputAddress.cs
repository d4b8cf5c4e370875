using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>What people call an output: the address that its script has, if it has one.</summary>
public static class OutputAddress
{
    /// <summary>The segwit or base58 address of a script on a network; null for scripts that have none, such as OP_RETURN.</summary>
    public static string? Of(Network network, Script scriptPubKey) => scriptPubKey.TryGetWitnessProgram(out _, out _)
        ? SegwitAddress.Encode(network, scriptPubKey)
        : NBitcoin.Script.FromBytesUnsafe(scriptPubKey.AsSpan().ToArray()).GetDestinationAddress(network.ToNBitcoin())?.ToString();

    /// <summary>The script of a segwit or base58 address of a network.</summary>
    public static bool TryDecode(
        Network network, string address, [NotNullWhen(true)] out Script? scriptPubKey, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        if (SegwitAddress.TryDecode(address, out Network named, out scriptPubKey, out refusal) && named == network)
        {
            return true;
        }

        try
        {
            scriptPubKey = Script.From(NBitcoin.BitcoinAddress.Create(address, network.ToNBitcoin()).ScriptPubKey.ToBytes());
            refusal = null;
            return true;
        }
        catch (FormatException)
        {
            scriptPubKey = null;
            refusal ??= new BitcoinRefusal(RefusalCodes.AddressUnknownNetwork, $"{address} is no address of {network}.");
            return false;
        }
    }

    internal static NBitcoin.Network ToNBitcoin(this Network network) => network switch
    {
        Network.Mainnet => NBitcoin.Network.Main,
        Network.Testnet => NBitcoin.Network.TestNet,
        Network.Regtest => NBitcoin.Network.RegTest,
        _ => throw new ArgumentOutOfRangeException(nameof(network)),
    };
}
