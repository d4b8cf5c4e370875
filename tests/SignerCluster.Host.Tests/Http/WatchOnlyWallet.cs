using NBitcoin;
using NBitcoin.WalletPolicies;

namespace SignerCluster.Host.Tests.Http;

/// <summary>A watch-only wallet of other people's code: NBitcoin's, which knows of a group what its descriptor says and nothing more.</summary>
internal sealed class WatchOnlyWallet
{
    private const long CoinSat = 200_000;
    private readonly WalletPolicy _policy;
    private readonly Network _network;

    /// <summary>Imports a descriptor; a wrong checksum is refused with <see cref="FormatException"/>.</summary>
    internal WatchOnlyWallet(string descriptor, Network network)
    {
        _policy = WalletPolicy.Parse(descriptor, network);
        _network = network;
    }

    internal BitcoinAddress Address(AddressIntent intent, int index) => ScriptOf(intent, index).GetDestinationAddress(_network)!;

    /// <summary>The coin that the wallet has received at an address of its own.</summary>
    internal Coin Received(int index) =>
        new(new OutPoint(new uint256(7), (uint)index), new TxOut(Money.Satoshis(CoinSat), ScriptOf(AddressIntent.Deposit, index)));

    /// <summary>Pays from the coins at these receiving addresses, and from coins of others; the change goes to a change address.</summary>
    internal PSBT Pay(int[] received, Money amount, BitcoinAddress to, int change, PSBTVersion version, params Coin[] ofOthers)
    {
        TransactionBuilder builder = _network.CreateTransactionBuilder();
        builder.CoinSelector = new AllCoins();
        PSBT psbt = builder.AddCoins([.. received.Select(Received), .. ofOthers])
            .Send(to, amount).SendFees(Money.Satoshis(1_000)).SetChange(ScriptOf(AddressIntent.Change, change))
            .BuildPSBT(sign: false, version);
        foreach (int index in received)
        {
            Describe(psbt, AddressIntent.Deposit, index);
        }

        Describe(psbt, AddressIntent.Change, change);
        return psbt;
    }

    private Script ScriptOf(AddressIntent intent, int index) => _policy.FullDescriptor.Derive(intent, index).Miniscript.ToScripts().ScriptPubKey;

    /// <summary>Says in a PSBT where the keys of an address are, as an updater does.</summary>
    internal void Describe(PSBT psbt, AddressIntent intent, int index)
    {
        DerivationResult derived = _policy.FullDescriptor.Derive(intent, index);
        Derivation key = derived.DerivedKeys.Single();
        TaprootInternalPubKey internalKey = derived.Miniscript.GetTaprootInfo()!.InternalPubKey;
        Script script = ScriptOf(intent, index);
        foreach (PSBTCoin coin in psbt.Inputs.OfType<PSBTCoin>().Concat(psbt.Outputs).Where(coin => coin.GetTxOut()!.ScriptPubKey == script))
        {
            coin.TaprootInternalKey = internalKey;
            coin.HDTaprootKeyPaths.Add(internalKey.AsTaprootPubKey(), new TaprootKeyPath(key.Source.RootedKeyPath.Derive(key.KeyPath)));
        }
    }

    private sealed class AllCoins : ICoinSelector
    {
        public IEnumerable<ICoin> Select(IEnumerable<ICoin> coins, IMoney target) => coins;
    }
}
