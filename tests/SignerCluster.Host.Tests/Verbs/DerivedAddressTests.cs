using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Tests.Http;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>Addresses below the group's key, from the command line to a transaction that spends from them.</summary>
public sealed class DerivedAddressTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task Group_address_prints_the_address_of_an_index_or_a_path_and_group_show_what_a_wallet_needs_to_make_them()
    {
        GroupAccount account = new(data.Key);
        JsonElement byIndex = (await AddressAsync("--index", "5")).Done();
        Assert.Equal("m/0/5", byIndex.GetProperty("path").GetString());
        DerivedKey key = account.Derive(DerivationPath.Receiving(5));
        Assert.Equal(key.InternalKey.ToString(), byIndex.GetProperty("internalKey").GetString());
        Assert.Equal(key.OutputKey(merkleRoot: null).ToString(), byIndex.GetProperty("outputKey").GetString());
        Assert.Equal(
            SegwitAddress.PayToTaproot(Network.Regtest, key.OutputKey(merkleRoot: null)), byIndex.GetProperty("addresses").GetProperty("regtest").GetString());
        Assert.Equal(byIndex.GetRawText(), (await AddressAsync("--path", "m/0/5")).Done().GetRawText());

        JsonElement shown = (await SignerProcess.RunAsync("group", "show", data.Group, "--data", data.Data, "--json")).Done();
        Assert.Equal(shown.GetProperty("addresses").GetRawText(), (await AddressAsync("--path", "m")).Done().GetProperty("addresses").GetRawText());
        JsonElement wallet = shown.GetProperty("wallet");
        Assert.Equal("tr(@0/**)", wallet.GetProperty("policy").GetString());
        Assert.Equal(account.Descriptor(Network.Mainnet), wallet.GetProperty("mainnet").GetProperty("descriptor").GetString());
        Assert.Equal(account.KeyInformation(Network.Testnet), wallet.GetProperty("testnet").GetProperty("key").GetString());
    }

    [Fact]
    public async Task What_names_no_address_is_refused_with_the_rule()
    {
        (await AddressAsync()).Failed(2, "index_or_path");
        (await AddressAsync("--index", "1", "--path", "m/0/1")).Failed(2, "index_or_path");
        (await AddressAsync("--index", "2147483648")).Failed(2, "path_hardened");
        (await AddressAsync("--path", "m/86h/0")).Failed(2, "path_hardened");
        (await AddressAsync("--path", "0/1")).Failed(2, "path_malformed");
        (await SignerProcess.RunAsync("group", "address", new string('1', 64), "--index", "0", "--data", data.Data, "--json")).Failed(1, "unknown_group");
    }

    [Fact]
    public async Task A_running_signer_knows_the_same_address_and_signs_what_pays_from_it()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        string url = host.Api.Url.ToString();
        JsonElement address = (await SignerProcess.RunAsync("group", "address", $"{host.Group}", "--index", "7", "--url", url, "--json")).Done();
        Psbt psbt = Psbts.FromPaths(host.GroupKey, [DerivationPath.Receiving(7)], DerivationPath.Change(0));
        string file = data.Write("remote", psbt.ToBytes());
        JsonElement signed = (await SignerProcess.RunAsync("sign", "--url", url, "--group", $"{host.Group}", "--psbt", file, "--json")).Done();
        Assert.Equal(address.GetProperty("outputKey").GetString(), signed.GetProperty("outputKey").GetString());
        Assert.Equal(psbt.UnsignedTransaction.Txid, TransactionOf(signed).Txid);
    }

    [Fact]
    public async Task F19_A_payment_from_derived_addresses_is_signed_by_the_embedded_cluster_and_its_change_is_called_change_with_the_path()
    {
        Psbt psbt = Psbts.FromPaths(data.Key, [DerivationPath.Receiving(0), DerivationPath.Root, DerivationPath.Change(3)], DerivationPath.Change(4));
        string file = data.Write("derived", psbt.ToBytes());
        JsonElement signed = (await data.SignPsbtAsync(file)).Done();
        // What comes back went through the interpreter, which judges each witness under the output that it spends.
        Assert.Equal(3, TransactionOf(signed).Inputs.Count(static input => input.Witness.Count == 1));
        JsonElement[] outputs = [.. signed.GetProperty("payment").GetProperty("outputs").EnumerateArray()];
        Assert.Equal([false, true], outputs.Select(static output => output.GetProperty("isChange").GetBoolean()));
        Assert.Equal("m/1/4", outputs[1].GetProperty("path").GetString());
        Assert.False(outputs[0].TryGetProperty("path", out _));

        Ended ended = await SignerProcess.RunAsync("sign", "--data", data.Data, "--group", data.Group, "--psbt", file);
        Assert.Matches("change       0.00119000 BTC to bc1p[a-z0-9]{58} \\(the group, m/1/4\\)", ended.Out);
    }

    private Task<Ended> AddressAsync(params string[] which) =>
        SignerProcess.RunAsync(["group", "address", data.Group, "--data", data.Data, "--json", .. which]);

    private static Transaction TransactionOf(JsonElement signed)
    {
        Assert.True(Transaction.TryParse(Convert.FromHexString(signed.GetProperty("transaction").GetString()!), out Transaction? transaction, out _));
        return transaction;
    }
}
