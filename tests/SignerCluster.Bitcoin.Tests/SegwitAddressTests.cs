using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>The vectors of BIP-0173 and BIP-0350, completely. BIP-0350 replaces BIP-0173 for witness versions 1 to 16.</summary>
public sealed class SegwitAddressTests
{
    [Theory]
    [InlineData(173, "valid_bech32", 7, false)]
    [InlineData(350, "valid_bech32m", 7, true)]
    public void Valid_strings_decode_and_encode_back(int bip, string list, int count, bool isBech32m)
    {
        string[] strings = [.. VectorFile.Bip(bip).GetProperty(list).EnumerateArray().Select(item => item.GetString()!)];
        Assert.Equal(count, strings.Length);
        foreach (string text in strings)
        {
            Assert.True(Bech32.TryDecode(text, out Bech32Text? decoded, out BitcoinRefusal? refusal), $"{text}: {refusal}");
            Assert.Equal(isBech32m, decoded.IsBech32m);
            Assert.Equal(text.ToLowerInvariant(), Bech32.Encode(decoded));
        }
    }

    [Theory]
    [InlineData(173, "invalid_bech32", 12)]
    [InlineData(350, "invalid_bech32m", 14)]
    public void Invalid_strings_are_refused(int bip, string list, int count)
    {
        JsonElement[] cases = [.. VectorFile.Bip(bip).GetProperty(list).EnumerateArray()];
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            // The BIP writes one byte of 0xFF where this case's text says so, and the list can only say it in words.
            string text = vector.Text("reason").StartsWith("+ 0xFF", StringComparison.Ordinal) ? vector.Text("string") + "\u00ff" : vector.Text("string");
            Assert.False(Bech32.TryDecode(text, out _, out BitcoinRefusal? refusal), text);
            Assert.StartsWith("address_", refusal.Code, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bip350_valid_addresses_decode_to_their_scripts_and_encode_back()
    {
        JsonElement[] cases = [.. VectorFile.Bip(350).GetProperty("valid_address").EnumerateArray()];
        Assert.Equal(8, cases.Length);
        foreach (JsonElement vector in cases)
        {
            CheckValid(vector);
        }
    }

    [Fact]
    public void Bip173_valid_addresses_of_version_0_still_hold_and_later_ones_are_refused_for_their_checksum()
    {
        JsonElement[] cases = [.. VectorFile.Bip(173).GetProperty("valid_address").EnumerateArray()];
        Assert.Equal(6, cases.Length);
        JsonElement[] superseded = [.. cases.Where(vector => !vector.Text("scriptPubKey").StartsWith("00", StringComparison.Ordinal))];
        Assert.Equal(3, superseded.Length);
        foreach (JsonElement vector in cases.Except(superseded))
        {
            CheckValid(vector);
        }

        foreach (JsonElement vector in superseded)
        {
            Assert.False(SegwitAddress.TryDecode(vector.Text("address"), out _, out _, out BitcoinRefusal? refusal));
            Assert.Equal(RefusalCodes.AddressWrongChecksumVariant, refusal.Code);
        }
    }

    [Theory]
    [InlineData(173, 10)]
    [InlineData(350, 15)]
    public void Invalid_addresses_are_refused(int bip, int count)
    {
        JsonElement[] cases = [.. VectorFile.Bip(bip).GetProperty("invalid_address").EnumerateArray()];
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.False(SegwitAddress.TryDecode(vector.Text("string"), out _, out _, out BitcoinRefusal? refusal), vector.Text("string"));
            Assert.StartsWith("address_", refusal.Code, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Network.Mainnet, "bc1p")]
    [InlineData(Network.Testnet, "tb1p")]
    [InlineData(Network.Regtest, "bcrt1p")]
    public void A_taproot_address_states_its_network(Network network, string prefix)
    {
        XOnlyPublicKey key = Point.Generator.XOnly;
        string address = SegwitAddress.PayToTaproot(network, key);
        Assert.StartsWith(prefix, address, StringComparison.Ordinal);
        Assert.True(SegwitAddress.TryDecode(address, out Network decoded, out Script? script, out _));
        Assert.Equal((network, Taproot.ScriptPubKey(key)), (decoded, script));
    }

    [Fact]
    public void One_changed_character_is_always_found()
    {
        string address = SegwitAddress.PayToTaproot(Network.Regtest, Point.Generator.XOnly);
        for (int position = 0; position < address.Length; position++)
        {
            foreach (char other in "qpzry9x8gf2tvdw0s3jn54khce6mua7l1bio".Where(other => other != address[position]))
            {
                string changed = string.Concat(address.AsSpan(0, position), [other], address.AsSpan(position + 1));
                Assert.False(SegwitAddress.TryDecode(changed, out _, out _, out _), changed);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("51")]
    [InlineData("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac")]
    [InlineData("0015751e76e8199196d454941c45d1b3a323f1433bd6ff")]
    [InlineData("5121751e76e8199196d454941c45d1b3a323f1433bd6")]
    public void A_script_that_is_no_witness_program_has_no_address(string script) =>
        Assert.Throws<ArgumentException>(() => SegwitAddress.Encode(Network.Mainnet, Script.ParseHex(script)));

    [Theory]
    [InlineData("76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH")]
    [InlineData("a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN")]
    [InlineData("0014751e76e8199196d454941c45d1b3a323f1433bd6", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")]
    [InlineData("6a0101", null)]
    [InlineData("", null)]
    public void An_output_has_the_address_that_people_know_or_none(string script, string? address) =>
        Assert.Equal(address, OutputAddress.Of(Network.Mainnet, Script.ParseHex(script)));

    private static void CheckValid(JsonElement vector)
    {
        string address = vector.Text("address");
        Assert.True(SegwitAddress.TryDecode(address, out Network network, out Script? script, out BitcoinRefusal? refusal), $"{address}: {refusal}");
        Assert.Equal(vector.Text("scriptPubKey"), script.ToString());
        Assert.Equal(address.ToLowerInvariant(), SegwitAddress.Encode(network, script));
    }
}
