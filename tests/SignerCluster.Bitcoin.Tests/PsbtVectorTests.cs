using System.Text.Json;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>The PSBT vectors of BIP-0174 and BIP-0371, completely.</summary>
public sealed class PsbtVectorTests
{
    /// <summary>Every valid PSBT that the two BIPs publish.</summary>
    public static IReadOnlyList<byte[]> ValidPsbts { get; } =
        [.. VectorFile.PsbtCases(174, "The following are valid").Concat(VectorFile.PsbtCases(371, "The following are valid")).Select(vector => vector.Hex("hex"))];

    [Theory]
    [InlineData(174, 20)]
    [InlineData(371, 11)]
    public void Invalid_psbts_are_refused_in_both_forms(int bip, int count)
    {
        JsonElement[] cases = VectorFile.PsbtCases(bip, "The following are invalid");
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.False(Psbt.TryParse(vector.Hex("hex"), out _, out BitcoinRefusal? refusal), vector.Text("comment"));
            Assert.False(Psbt.TryLoad(System.Text.Encoding.ASCII.GetBytes(vector.Text("base64")), out _, out BitcoinRefusal? ofText));
            Assert.Equal(refusal.Code, ofText.Code);
            Assert.True(ExpectedCode(bip, vector.Text("comment")) == refusal.Code, $"{vector.Text("comment")}: {refusal}");
        }
    }

    [Theory]
    [InlineData(174, 10)]
    [InlineData(371, 6)]
    public void Valid_psbts_parse_and_are_written_back_byte_for_byte(int bip, int count)
    {
        JsonElement[] cases = VectorFile.PsbtCases(bip, "The following are valid");
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.True(Psbt.TryParse(vector.Hex("hex"), out Psbt? psbt, out BitcoinRefusal? refusal), $"{vector.Text("comment")}: {refusal}");
            Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(psbt.ToBytes()));
            Assert.Equal(vector.Text("base64"), psbt.ToBase64());
            Assert.True(Psbt.TryLoad(System.Text.Encoding.ASCII.GetBytes($"\r\n {vector.Text("base64")}\n"), out Psbt? loaded, out _));
            Assert.Equal(psbt, loaded);
        }
    }

    /// <summary>
    /// All four cases concern scripts before taproot, which are never signed here. What applies: they are well-formed, they hold no
    /// input of any taproot key, so no hash to sign is ever offered, and they cannot be finalised.
    /// </summary>
    [Fact]
    public void Psbts_that_fail_signer_checks_offer_nothing_to_sign()
    {
        JsonElement[] cases = VectorFile.PsbtCases(174, "Fails Signer checks");
        Assert.Equal(4, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.True(Psbt.TryParse(vector.Hex("hex"), out Psbt? psbt, out BitcoinRefusal? refusal), $"{vector.Text("comment")}: {refusal}");
            Assert.DoesNotContain(psbt.Prevouts, prevout => prevout is not null && prevout.ScriptPubKey.TryGetTaprootProgram(out _));
            Assert.False(psbt.TryFindKeyPathInputs(Point.Generator.XOnly, out _, out refusal));
            Assert.Equal(psbt.Prevouts.Contains(null) ? RefusalCodes.PsbtMissingUtxo : RefusalCodes.PsbtForeignKey, refusal.Code);
            Assert.False(psbt.TryFinalize(out _, out refusal));
            Assert.Equal(RefusalCodes.PsbtNotSigned, refusal.Code);
            Assert.False(psbt.TryExtract(out _, out refusal));
            Assert.Equal(RefusalCodes.PsbtNotFinal, refusal.Code);
        }
    }

    [Fact]
    public void Bip371_key_path_input_is_found_by_its_internal_key_and_the_published_signature_finalises()
    {
        JsonElement[] cases = VectorFile.PsbtCases(371, "The following are valid");
        JsonElement unsigned = cases.Single(vector => vector.Text("comment").EndsWith("input with internal key and its derivation path", StringComparison.Ordinal));
        JsonElement signed = cases.Single(vector => vector.Text("comment").EndsWith("its derivation path, and signature", StringComparison.Ordinal));
        Assert.True(Psbt.TryParse(unsigned.Hex("hex"), out Psbt? before, out _));
        Assert.True(Psbt.TryParse(signed.Hex("hex"), out Psbt? after, out _));
        XOnlyPublicKey internalKey = XOnlyPublicKey.Parse(before.TapInternalKey(0)!.Value.AsSpan());

        Assert.True(before.TryFindKeyPathInputs(internalKey, out KeyPathInputs? found, out BitcoinRefusal? refusal), refusal?.ToString());
        KeyPathInput input = Assert.Single(found.ToSign);
        Assert.Null(input.MerkleRoot);
        Assert.True(after.Inputs[0].TryGet(InputKeyType.TapKeySignature, out ReadOnlySpan<byte> signature));
        Assert.True(Bip340.Verify(input.OutputKey, input.Sighash.AsSpan(), FixedBytes.From<Bytes64>(signature)));

        Assert.False(after.TryFindKeyPathInputs(internalKey, out _, out refusal));
        Assert.Equal(RefusalCodes.PsbtAlreadySigned, refusal.Code);
        Assert.True(after.TryFinalize(out Psbt? finalized, out refusal), refusal?.ToString());
        Assert.True(finalized.TryExtract(out Transaction? transaction, out _));
        Assert.Equal(signature.ToArray(), transaction.Inputs[0].Witness[0].ToArray());
    }

    private static string ExpectedCode(int bip, string comment) => (bip, comment) switch
    {
        (174, "Network transaction, not PSBT format") => RefusalCodes.PsbtNotAPsbt,
        (174, "PSBT missing outputs") => RefusalCodes.PsbtTruncated,
        (174, "PSBT where one input has a filled scriptSig in the unsigned tx") => RefusalCodes.PsbtTransactionSigned,
        (174, "PSBT where inputs and outputs are provided but without an unsigned tx") => RefusalCodes.PsbtMissingTransaction,
        (174, "PSBT with duplicate keys in an input") => RefusalCodes.PsbtDuplicateKey,
        _ => RefusalCodes.PsbtMalformed,
    };
}
