using System.Security.Cryptography;
using System.Text.Json;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>The PSBT vectors of BIP-0174, BIP-0370, BIP-0371 and BIP-0373, completely.</summary>
public sealed class PsbtVectorTests
{
    /// <summary>Every valid PSBT that the BIPs publish.</summary>
    public static IReadOnlyList<byte[]> ValidPsbts { get; } =
        [.. ((int[])[174, 371, 370, 373]).SelectMany(static bip => VectorFile.PsbtCases(bip, "The following are valid"))
            .Select(static vector => vector.Hex("hex"))];

    [Theory]
    [InlineData(174, 20)]
    [InlineData(370, 24)]
    [InlineData(371, 11)]
    [InlineData(373, 10)]
    public void Invalid_psbts_are_refused_in_both_forms_for_the_reason_that_the_BIP_gives(int bip, int count)
    {
        JsonElement[] cases = VectorFile.PsbtCases(bip, "The following are invalid");
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.False(Psbt.TryParse(vector.Hex("hex"), out _, out BitcoinRefusal? refusal), vector.Text("comment"));
            Assert.False(Psbt.TryLoad(System.Text.Encoding.ASCII.GetBytes(vector.Text("base64")), out _, out BitcoinRefusal? ofText));
            Assert.Equal(refusal.Code, ofText.Code);
            (string code, string reason) = Expected(vector.Text("comment"));
            Assert.True(code == refusal.Code && refusal.Message.Contains(reason, StringComparison.Ordinal), $"{vector.Text("comment")}: {refusal}");
        }
    }

    [Theory]
    [InlineData(174, 10)]
    [InlineData(370, 14)]
    [InlineData(371, 6)]
    [InlineData(373, 14)]
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
            Assert.Equal((bip == 370 ? 2 : 0, FixedBytes.From<Bytes32>(SHA256.HashData(vector.Hex("hex")))), (loaded.Version, loaded.Id));
        }
    }

    [Theory]
    [InlineData("The timelock for the following PSBTs should be computed to be 0", 2, 0)]
    [InlineData("The timelock for the following PSBTs should be computed to be 10000", 4, 10_000)]
    [InlineData("The timelock for the following PSBTs should be computed to be 1657048460", 3, 1_657_048_460)]
    public void The_lock_time_of_a_version_2_psbt_is_the_one_that_all_its_inputs_take(string heading, int count, uint lockTime)
    {
        JsonElement[] cases = VectorFile.PsbtCases(370, heading);
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.True(Psbt.TryParse(vector.Hex("hex"), out Psbt? psbt, out BitcoinRefusal? refusal), $"{vector.Text("comment")}: {refusal}");
            Assert.Equal(lockTime, psbt.UnsignedTransaction.LockTime);
        }
    }

    [Fact]
    public void Inputs_that_agree_on_no_kind_of_lock_time_are_refused()
    {
        JsonElement vector = Assert.Single(VectorFile.PsbtCases(370, "The timelock for the following PSBTs cannot"));
        Assert.False(Psbt.TryParse(vector.Hex("hex"), out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.PsbtLockTimeConflict, refusal.Code);
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
        JsonElement unsigned = cases.Single(
            vector => vector.Text("comment").EndsWith("input with internal key and its derivation path", StringComparison.Ordinal));
        JsonElement signed = cases.Single(vector => vector.Text("comment").EndsWith("its derivation path, and signature", StringComparison.Ordinal));
        Assert.True(Psbt.TryParse(unsigned.Hex("hex"), out Psbt? before, out _));
        Assert.True(Psbt.TryParse(signed.Hex("hex"), out Psbt? after, out _));
        XOnlyPublicKey internalKey = XOnlyPublicKey.Parse(before.Inputs[0].TapInternalKey()!.Value.AsSpan());

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

    // What the BIP's comment blames is what the refusal has to name.
    private static (string Code, string Reason) Expected(string comment) => comment switch
    {
        "Network transaction, not PSBT format" => (RefusalCodes.PsbtNotAPsbt, "magic"),
        "PSBT missing outputs" => (RefusalCodes.PsbtTruncated, "(output 0)"),
        "PSBT where one input has a filled scriptSig in the unsigned tx" => (RefusalCodes.PsbtTransactionSigned, "scriptSig"),
        "PSBT where inputs and outputs are provided but without an unsigned tx" => (RefusalCodes.PsbtMissingTransaction, "global map"),
        "PSBT with duplicate keys in an input" => (RefusalCodes.PsbtDuplicateKey, "input 0"),
        "PSBT with unsigned tx serialized with witness serialization format" => (RefusalCodes.PsbtMalformed, "unsigned transaction"),
        "PSBT with an invalid value data due to its size being not the stated size" => (RefusalCodes.PsbtMalformed, "unsigned transaction"),
        _ when comment.StartsWith("PSBTv2 missing", StringComparison.Ordinal) => (RefusalCodes.PsbtMissingField, BlamedField(comment)),
        _ => (RefusalCodes.PsbtMalformed, BlamedField(comment)),
    };

    private static string BlamedField(string comment)
    {
        (string Words, string Field)[] fields =
        [
            ("global transaction typed key", "0x00 in the global map"), ("input witness utxo typed key", "0x01 in input"),
            ("input partial signature typed key", "0x02 in input"), ("with invalid redeemscript typed key", "0x04 in input"),
            ("with invalid witnessscript typed key", "0x05 in input"), ("pubkey in input BIP 32", "0x06 in input"),
            ("non-witness utxo typed key", "0x00 in input"), ("final scriptsig typed key", "0x07 in input"),
            ("final script witness typed key", "0x08 in input"), ("pubkey in output BIP 32", "0x02 in output"),
            ("input sighash type typed key", "0x03 in input"), ("output redeemScript typed key", "0x00 in output"),
            ("output witnessScript typed key", "0x01 in output"), ("PSBT_IN_TAP_INTERNAL_KEY", "0x17 in input"),
            ("PSBT_IN_TAP_KEY_SIG", "0x13 in input"), ("PSBT_IN_TAP_BIP32_DERIVATION", "0x16 in input"),
            ("PSBT_OUT_TAP_INTERNAL_KEY", "0x05 in output"), ("PSBT_OUT_TAP_BIP32_DERIVATION", "0x07 in output"),
            ("PSBT_IN_TAP_SCRIPT_SIG", "0x14 in input"), ("PSBT_IN_TAP_LEAF_SCRIPT", "0x15 in input"),
            ("PSBT_GLOBAL_VERSION", "0x00 in the global map"), ("PSBT_GLOBAL_UNSIGNED_TX", "0x00 in the global map"),
            ("PSBT_GLOBAL_TX_VERSION", "0x02 in the global map"), ("PSBT_GLOBAL_FALLBACK_LOCKTIME", "0x03 in the global map"),
            ("PSBT_GLOBAL_INPUT_COUNT", "0x04 in the global map"), ("PSBT_GLOBAL_OUTPUT_COUNT", "0x05 in the global map"),
            ("PSBT_GLOBAL_TX_MODIFIABLE", "0x06 in the global map"), ("PSBT_IN_PREVIOUS_TXID", "0x0e in input"),
            ("PSBT_IN_OUTPUT_INDEX", "0x0f in input"), ("PSBT_IN_SEQUENCE", "0x10 in input"),
            ("PSBT_IN_REQUIRED_TIME_LOCKTIME", "0x11 in input"), ("PSBT_IN_REQUIRED_HEIGHT_LOCKTIME", "0x12 in input"),
            ("PSBT_OUT_AMOUNT", "0x03 in output"), ("PSBT_OUT_SCRIPT", "0x04 in output"),
            ("input participant pubkey", "0x1a in input"), ("output participant pubkey", "0x08 in output"),
            ("public nonce", "0x1b in input"), ("partial sig ", "0x1c in input"),
        ];
        return fields.Single(field => comment.Contains(field.Words, StringComparison.Ordinal) && !comment.Contains($"{field.Words}_", StringComparison.Ordinal))
            .Field;
    }
}
