using System.Security.Cryptography;
using System.Text;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>The field rules that the BIPs state and their vectors do not try.</summary>
public sealed class PsbtFieldTests
{
    private const string UnsignedTransaction =
        "0100" + "47" + "0200000001" + "1111111111111111111111111111111111111111111111111111111111111111" + "00000000" + "00" + "ffffffff"
        + "01" + "e803000000000000" + "0b" + "5102030405060708090a0b" + "00000000";

    private const string KeyData32 = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

    public static TheoryData<string, string, string, bool> Fields => new()
    {
        { "global", "01fb", "00000000", true },
        { "global", "01fb", "000000", false },
        { "global", "02fb00", "00000000", false },
        { "global", "0102", "02000000", false },
        { "global", "0106", "00", false },
        { "global", ExtendedKey("01", "02"), "01020304" + "00000080", true },
        { "global", ExtendedKey("00", "03"), "01020304", true },
        { "global", ExtendedKey("01", "02"), "01020304", false },
        { "global", ExtendedKey("00", "02"), "01020304" + "00000080", false },
        { "global", ExtendedKey("00", "05"), "01020304", false },
        { "global", "4e" + ExtendedKey("00", "02")[2..^2], "01020304", false },
        { "global", "0107", "aabb", true },
        { "global", "01f0", "", true },
        { "global", "09fc046d696e650102aa", "ff", true },
        { "global", "03fc046d", "ff", false },
        { "global", "03fdfb00", "00000000", false },
        { "input", "0103", "01000000", true },
        { "input", "0103", "010000", false },
        { "input", "010e", KeyData32, false },
        { "input", "010f", "00000000", false },
        { "input", "0112", "00000000", false },
        { "input", "0113", KeyData32, false },
        { "input", "0113", KeyData32 + KeyData32, true },
        { "input", "0113", KeyData32 + KeyData32 + "01", true },
        { "input", "0113", KeyData32 + KeyData32 + "0101", false },
        { "input", "021300", KeyData32 + KeyData32, false },
        { "input", "4114" + KeyData32 + KeyData32, KeyData32 + KeyData32, true },
        { "input", "4014" + KeyData32 + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", KeyData32 + KeyData32, false },
        { "input", "2215c0" + KeyData32, "51c0", true },
        { "input", "2215c0" + KeyData32, "", false },
        { "input", "4215c0" + KeyData32 + KeyData32, "c0", true },
        { "input", "4115c0" + KeyData32 + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "c0", false },
        { "input", "2116" + KeyData32, "00" + "01020304", true },
        { "input", "2116" + KeyData32, "00" + "010203", false },
        { "input", "2116" + KeyData32, "01" + "01020304", false },
        { "input", "2116" + KeyData32, "01" + KeyData32 + "01020304" + "00000080", true },
        { "input", "2016" + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "00" + "01020304", false },
        { "input", "0117", KeyData32, true },
        { "input", "0117", KeyData32 + "00", false },
        { "input", "0118", KeyData32, true },
        { "input", "0118", "", false },
        { "input", "021800", KeyData32, false },
        { "input", "0108", "0102aabb", true },
        { "input", "0108", "0102aa", false },
        { "input", "0108", "0102aabb00", false },
        { "input", "2202" + "02" + KeyData32, "30", true },
        { "input", "2202" + "05" + KeyData32, "30", false },
        { "input", "2206" + "02" + KeyData32, "01020304", true },
        { "input", "2206" + "02" + KeyData32, "0102030405", false },
        { "input", "150a" + "0102030405060708090a0b0c0d0e0f1011121314", "aa", true },
        { "input", "140a" + "0102030405060708090a0b0c0d0e0f10111213", "aa", false },
        { "input", "210b" + "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "00", true },
        { "input", "210b" + "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "01", false },
        { "output", "0103", "0000000000000000", false },
        { "output", "0104", "51", false },
        { "output", "0105", KeyData32, true },
        { "output", "0105", "00", false },
        { "output", "0106", "00c00151", true },
        { "output", "0106", "", false },
        { "output", "0106", "01c00151", false },
        { "output", "0106", "00c00151" + "00c00151", false },
        { "output", "0106", "01c00151" + "01c00151", true },
        { "output", "0106", "01c00151" + "02c00151" + "02c00151", true },
        { "output", "0106", "02c00151" + "02c00151" + "01c00151", true },
        { "output", "0106", "02c00151" + "01c00151" + "02c00151", false },
        { "output", "0106", "01c10151" + "01c00151", false },
        { "output", "0106", "81c00151", false },
        { "output", "0106", "00c002", false },
        { "output", "2107" + KeyData32, "00" + "01020304", true },
        { "output", "2107" + KeyData32, "01020304", false },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_field_is_accepted_exactly_when_it_keeps_its_rule(string map, string key, string value, bool isAccepted)
    {
        byte[] psbt = Build(map, key + Length(value) + value);
        Assert.True(isAccepted == Psbt.TryParse(psbt, out Psbt? parsed, out BitcoinRefusal? refusal), refusal?.ToString());
        if (parsed is null)
        {
            Assert.Equal(RefusalCodes.PsbtMalformed, refusal!.Code);
            Assert.Matches("^The (field of type|key at byte)", refusal.Message);
        }
        else
        {
            Assert.Equal(psbt, parsed.ToBytes());
        }
    }

    [Theory]
    [InlineData("01000000")]
    [InlineData("03000000")]
    [InlineData("ffffffff")]
    public void A_psbt_of_an_unknown_version_is_refused_with_its_own_code(string version)
    {
        byte[] unknown = Convert.FromHexString("70736274ff" + "010204" + "02000000" + "01040100" + "01050100" + "01fb04" + version + "00");
        Assert.False(Psbt.TryParse(unknown, out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtVersionUnsupported, refusal.Code);
    }

    [Fact]
    public void A_control_block_of_129_nodes_is_refused_and_one_of_128_is_not()
    {
        foreach ((int nodes, bool isAccepted) in ((int, bool)[])[(128, true), (129, false)])
        {
            string keyData = "15" + "c0" + string.Concat(Enumerable.Repeat(KeyData32, 1 + nodes));
            byte[] psbt = Build("input", "fd" + Convert.ToHexString(BitConverter.GetBytes((ushort)(keyData.Length / 2))) + keyData + "01c0");
            Assert.Equal(isAccepted, Psbt.TryParse(psbt, out _, out _));
        }
    }

    [Fact]
    public void Duplicate_keys_are_refused_in_every_map_and_unknown_types_too()
    {
        foreach (string map in (string[])["global", "input", "output"])
        {
            Assert.True(Psbt.TryParse(Build(map, "01f000" + "02f00100"), out _, out _));
            Assert.False(Psbt.TryParse(Build(map, "01f000" + "02f00100" + "01f000"), out _, out BitcoinRefusal? refusal));
            Assert.Equal(RefusalCodes.PsbtDuplicateKey, refusal.Code);
        }
    }

    [Fact]
    public void A_non_witness_utxo_of_another_transaction_or_without_the_output_is_refused()
    {
        Transaction funding = new(2, [new TxIn(new OutPoint(default, 0))], [new TxOut(1000, Script.ParseHex("51"))], 0);
        foreach ((Txid txid, uint index, string? code) in ((Txid, uint, string?)[])
            [(funding.Txid, 0, null), (funding.Txid, 1, RefusalCodes.PsbtUtxoMismatch), (default, 0, RefusalCodes.PsbtUtxoMismatch)])
        {
            Psbt psbt = WithField(Spending(txid, index, funding.Outputs[0]), InputKeyType.NonWitnessUtxo, funding.ToBytes());
            Assert.Equal(code is null, Psbt.TryParse(psbt.ToBytes(), out _, out BitcoinRefusal? refusal));
            Assert.Equal(code, refusal?.Code);
        }
    }

    [Fact]
    public void Two_utxo_fields_that_contradict_each_other_are_refused()
    {
        Transaction funding = new(2, [new TxIn(new OutPoint(default, 0))], [new TxOut(1000, Script.ParseHex("51"))], 0);
        Psbt lying = WithField(Spending(funding.Txid, 0, new TxOut(999, Script.ParseHex("51"))), InputKeyType.NonWitnessUtxo, funding.ToBytes());
        Assert.False(Psbt.TryParse(lying.ToBytes(), out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtUtxoMismatch, refusal.Code);
    }

    [Fact]
    public void A_file_may_be_binary_or_base64_with_line_breaks_and_nothing_else()
    {
        byte[] binary = PsbtVectorTests.ValidPsbts[0];
        string text = Convert.ToBase64String(binary, Base64FormattingOptions.InsertLineBreaks);
        Assert.True(Psbt.TryLoad(binary, out Psbt? fromBinary, out _));
        foreach (string file in (string[])[text, $" \t{text}\r\n\r\n", "\ufeff" + text])
        {
            Assert.True(Psbt.TryLoad(Encoding.UTF8.GetBytes(file), out Psbt? fromText, out BitcoinRefusal? refusal), refusal?.ToString());
            Assert.Equal(fromBinary, fromText);
        }

        foreach ((string file, string code) in ((string, string)[])
            [("", RefusalCodes.PsbtNotAPsbt), ("  \n", RefusalCodes.PsbtNotAPsbt), ("{\"psbt\":1}", RefusalCodes.PsbtNotAPsbt),
             (Convert.ToHexString(binary), RefusalCodes.PsbtNotAPsbt),
             (text.Insert(40, "*"), RefusalCodes.PsbtMalformed),
             (text + "AAAA", RefusalCodes.PsbtTrailingBytes)])
        {
            Assert.False(Psbt.TryLoad(Encoding.UTF8.GetBytes(file), out _, out BitcoinRefusal? refusal));
            Assert.Equal(code, refusal.Code);
        }
    }

    [Fact]
    public void The_preimage_in_the_table_is_a_preimage() => Assert.Equal("6e340b9c", Convert.ToHexStringLower(SHA256.HashData([0]))[..8]);

    private static Psbt Spending(Txid txid, uint index, TxOut prevout) =>
        Psbt.Create(new Transaction(2, [new TxIn(new OutPoint(txid, index))], [], 0), [prevout], [null]);

    private static Psbt WithField(Psbt psbt, ulong type, byte[] value) => psbt.WithMaps([psbt.Inputs[0].With(type, value)], [.. psbt.Outputs]);

    private static string ExtendedKey(string depth, string prefix) =>
        "4f" + "01" + "0488b21e" + depth + "00000000" + "00000000" + KeyData32 + prefix + KeyData32;

    private static string Length(string hex) => $"{hex.Length / 2:x2}";

    private static byte[] Build(string map, string pairs)
    {
        return Convert.FromHexString("70736274ff" + UnsignedTransaction + Only("global") + "00" + Only("input") + "00" + Only("output") + "00");

        string Only(string name) => name == map ? pairs : "";
    }
}
