using System.Text.Json;
using NBitcoin;
using NBitcoin.WalletPolicies;
using SignerCluster.Bitcoin.Addresses;
using Network = NBitcoin.Network;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Payments of wallets that are not ours: what they make is signed, and what comes back is theirs to finish.</summary>
public sealed class ForeignWalletTests
{
    private static readonly Network _network = Network.RegTest;
    private static readonly BitcoinAddress _shop = new Key(Bytes(9)).GetAddress(ScriptPubKeyType.Segwit, _network);

    // Two strangers: one has a taproot key, the other one of segwit version 0.
    private static readonly Key[] _strangers = [new Key(Bytes(1)), new Key(Bytes(2))];

    public static TheoryData<PSBTVersion> Versions => [PSBTVersion.PSBTv0, PSBTVersion.PSBTv2];

    public static TheoryData<string, PSBTVersion> Orders
    {
        get
        {
            TheoryData<string, PSBTVersion> orders = [];
            foreach (string order in (string[])["g01", "g10", "0g1", "1g0", "01g", "10g"])
            {
                orders.Add(order, PSBTVersion.PSBTv0);
                orders.Add(order, PSBTVersion.PSBTv2);
            }

            return orders;
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_wallet_that_imported_the_descriptor_receives_pays_and_gets_a_transaction_that_it_finds_valid(PSBTVersion version)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        WatchOnlyWallet wallet = await ImportAsync(host);
        DerivedKey received = new GroupAccount(host.GroupKey).Derive(DerivationPath.Receiving(11));
        Assert.Equal(
            SegwitAddress.PayToTaproot(Bitcoin.Addresses.Network.Regtest, received.OutputKey(merkleRoot: null)),
            wallet.Address(AddressIntent.Deposit, 11).ToString());
        PSBT psbt = wallet.Pay([0, 3, 11], Money.Satoshis(250_000), _shop, change: 2, version);

        PSBT signed = await SignAsync(host, "payment", psbt);

        Assert.True(signed.IsAllFinalized());
        Transaction transaction = signed.ExtractTransaction();
        Verify(transaction, psbt);
        Assert.Contains(transaction.Outputs, output => output.ScriptPubKey == wallet.Address(AddressIntent.Change, 2).ScriptPubKey);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Three_owners_sign_their_own_inputs_of_one_payment_in_any_order(string order, PSBTVersion version)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        WatchOnlyWallet wallet = await ImportAsync(host);
        PSBT psbt = Shared(wallet, version);
        PSBT passed = psbt;
        foreach (char owner in order)
        {
            PSBT before = passed;
            passed = owner == 'g' ? await SignAsync(host, "shared", passed) : SignedBy(_strangers[owner - '0'], passed);
            Assert.Equal(Unsigned(before).Count() - (owner == 'g' ? 2 : 1), Unsigned(passed).Count());
        }

        Verify(passed.Finalize().ExtractTransaction(), psbt);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Three_owners_sign_copies_and_what_is_combined_is_valid(PSBTVersion version)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        WatchOnlyWallet wallet = await ImportAsync(host);
        PSBT psbt = Shared(wallet, version);
        PSBT ours = await SignAsync(host, "shared", psbt);
        PSBT combined = _strangers.Aggregate(ours, (all, stranger) => all.Combine(SignedBy(stranger, psbt)));
        Verify(combined.Finalize().ExtractTransaction(), psbt);
    }

    [Fact]
    public async Task A_payment_that_two_groups_share_with_a_stranger_is_signed_by_each_for_itself()
    {
        await using ApiHost first = await ApiHost.StartAsync();
        await using ApiHost second = await ApiHost.StartAsync();
        WatchOnlyWallet wallet = await ImportAsync(first);
        WatchOnlyWallet others = await ImportAsync(second);
        // Every coin has the number of its address in its outpoint, so the two groups spend from different ones.
        PSBT psbt = wallet.Pay([0], Money.Satoshis(300_000), _shop, change: 2, PSBTVersion.PSBTv0, others.Received(5), CoinOf(_strangers[0]));
        others.Describe(psbt, AddressIntent.Deposit, 5);
        PSBT signed = SignedBy(_strangers[0], await SignAsync(second, "b", await SignAsync(first, "a", psbt)));
        Verify(signed.Finalize().ExtractTransaction(), psbt);
    }

    /// <summary>The wallet of a group, from the descriptor that is printed for test networks.</summary>
    private static async Task<WatchOnlyWallet> ImportAsync(ApiHost host)
    {
        JsonElement group = (await host.GetAsync($"/v1/groups/{host.Group}")).Json;
        string descriptor = group.GetProperty("wallet").GetProperty("testnet").GetProperty("descriptor").GetString()!;
        string mistyped = descriptor[..^1] + (descriptor[^1] == 'q' ? 'p' : 'q');
        Assert.ThrowsAny<FormatException>(() => new WatchOnlyWallet(mistyped, _network));
        return new WatchOnlyWallet(descriptor, _network);
    }

    /// <summary>Two coins of the group and one of each stranger.</summary>
    private static PSBT Shared(WatchOnlyWallet wallet, PSBTVersion version)
    {
        PSBT psbt = wallet.Pay([0, 1], Money.Satoshis(450_000), _shop, change: 4, version, [.. _strangers.Select(CoinOf)]);
        Assert.Equal(4, Unsigned(psbt).Count());
        return psbt;
    }

    private static Coin CoinOf(Key stranger) =>
        new(new OutPoint(new uint256(8), (uint)Array.IndexOf(_strangers, stranger)), new TxOut(Money.Satoshis(100_000), AddressOf(stranger).ScriptPubKey));

    private static BitcoinAddress AddressOf(Key stranger) =>
        stranger.GetAddress(stranger == _strangers[0] ? ScriptPubKeyType.TaprootBIP86 : ScriptPubKeyType.Segwit, _network);

    private static PSBT SignedBy(Key stranger, PSBT psbt) => PSBT.Load(psbt.ToBytes(), _network).SignWithKeys(stranger);

    private static IEnumerable<PSBTInput> Unsigned(PSBT psbt) => psbt.Inputs.Where(
        static input => !input.IsFinalized() && input.TaprootKeySignature is null && input.PartialSigs.Count == 0);

    private static async Task<PSBT> SignAsync(ApiHost host, string session, PSBT psbt)
    {
        Answer answer = await host.PostAsync($$"""{"sessionId":"{{session}}","psbt":"{{psbt.ToBase64()}}"}""", $"{host.SessionsPath}?wait=30");
        Assert.True(answer.Json.TryGetProperty("psbt", out JsonElement signed), answer.Text);
        PSBT back = PSBT.Parse(signed.GetString()!, _network);
        Assert.Equal(psbt.Version, back.Version);
        return back;
    }

    private static void Verify(Transaction transaction, PSBT psbt)
    {
        Assert.Equal(psbt.GetGlobalTransaction().GetHash(), transaction.GetHash());
        TransactionValidator validator = transaction.CreateValidator([.. psbt.Inputs.Select(static input => input.GetTxOut()!)]);
        Assert.All(Enumerable.Range(0, transaction.Inputs.Count), input => Assert.Null(validator.ValidateInput(input).Error));
    }

    private static byte[] Bytes(byte value) => Enumerable.Repeat(value, 32).ToArray();
}
