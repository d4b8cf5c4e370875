using NBitcoin.WalletPolicies;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>What a watch-only wallet derives from the group's descriptor is what the group can sign for.</summary>
public sealed class GroupAccountTests
{
    private static readonly GroupAccount _account = new(Payments.Group);

    [Theory]
    [InlineData(0u)]
    [InlineData(1u, 7u)]
    [InlineData(0u, 2_147_483_647u, 3u)]
    public void A_derived_key_is_the_one_that_NBitcoin_derives_from_the_extended_key(params uint[] path)
    {
        NBitcoin.ExtPubKey wallet = NBitcoin.ExtPubKey.Parse(_account.ExtendedPublicKey(Network.Mainnet), NBitcoin.Network.Main);
        wallet = path.Aggregate(wallet, static (key, index) => key.Derive(index));
        DerivedKey derived = Derive(path);
        Assert.Equal(wallet.PubKey.TaprootInternalKey.ToBytes(), derived.InternalKey.ToBytes().AsSpan().ToArray());
        NBitcoin.BitcoinAddress address = wallet.PubKey.GetAddress(NBitcoin.ScriptPubKeyType.TaprootBIP86, NBitcoin.Network.Main);
        Assert.Equal(address.ToString(), SegwitAddress.PayToTaproot(Network.Mainnet, derived.OutputKey(merkleRoot: null)));
    }

    [Fact]
    public void The_steps_lead_from_the_groups_key_to_the_key_of_the_address()
    {
        DerivedKey derived = Derive(0, 5);
        IReadOnlyList<KeyStep> steps = derived.StepsTo(merkleRoot: null);
        Assert.Equal([true, false, true], steps.Select(static step => step.IsXOnly));
        Point key = steps.Aggregate(
            Payments.Group.ToPoint(), static (point, step) => (step.IsXOnly ? point.XOnly.ToPoint() : point).AddGenerator(step.Value));
        Assert.Equal(derived.OutputKey(merkleRoot: null), key.XOnly);
        Assert.Equal(Payments.OutputKey, _account.Derive(DerivationPath.Root).OutputKey(merkleRoot: null));
    }

    [Fact]
    public void The_descriptor_names_receiving_and_change_addresses_and_its_checksum_holds()
    {
        string descriptor = _account.Descriptor(Network.Regtest);
        Assert.Matches("^tr\\(\\[[0-9a-f]{8}\\]tpub[1-9A-HJ-NP-Za-km-z]{107}/<0;1>/\\*\\)#[a-z0-9]{8}$", descriptor);
        Assert.Equal(descriptor, Miniscript.AddChecksum(descriptor[..^9]));
        Assert.Equal("raw(deadbeef)#89f8spxm", Miniscript.AddChecksum("raw(deadbeef)"));
    }

    [Fact]
    public void The_descriptor_of_the_one_address_is_the_group_s_key_with_a_checksum()
    {
        string descriptor = _account.AddressDescriptor;
        Assert.Equal(descriptor, Miniscript.AddChecksum($"tr({Payments.Group})"));
        Assert.Matches("^tr\\([0-9a-f]{64}\\)#[a-z0-9]{8}$", descriptor);
    }

    [Fact]
    public void The_fingerprint_is_the_one_that_NBitcoin_names_the_root_by() => Assert.Equal(
        NBitcoin.ExtPubKey.Parse(_account.ExtendedPublicKey(Network.Mainnet), NBitcoin.Network.Main).PubKey.GetHDFingerPrint().ToString(),
        _account.Fingerprint.ToString("x8", System.Globalization.CultureInfo.InvariantCulture));

    private static DerivedKey Derive(params uint[] path) => _account.Derive(Payments.Path(path));
}
