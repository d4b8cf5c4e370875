using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>bips-0341/wallet-test-vectors.json and BIP-0086, completely.</summary>
public sealed class TaprootVectorTests
{
    private static readonly JsonElement _bip341 = VectorFile.Read("bips-0341", "wallet-test-vectors.json");

    [Fact]
    public void Bip341_outputs_have_the_published_roots_tweaks_keys_scripts_and_addresses()
    {
        JsonElement[] cases = [.. _bip341.GetProperty("scriptPubKey").EnumerateArray()];
        Assert.Equal(7, cases.Length);
        foreach (JsonElement vector in cases)
        {
            JsonElement intermediary = vector.GetProperty("intermediary");
            JsonElement expected = vector.GetProperty("expected");
            XOnlyPublicKey internalKey = XOnlyPublicKey.Parse(vector.GetProperty("given").Hex("internalPubkey"));
            Leaf[] leaves = Leaves(vector.GetProperty("given").GetProperty("scriptTree"), out Bytes32? root);
            XOnlyPublicKey outputKey = Taproot.OutputKey(internalKey, root, out bool hasOddY);

            Assert.Equal(intermediary.GetProperty("merkleRoot").GetString(), root?.ToString());
            Assert.Equal(intermediary.Text("tweak"), Taproot.Tweak(internalKey, root).ToString());
            Assert.Equal(intermediary.Text("tweakedPubkey"), outputKey.ToString());
            Assert.Equal(expected.Text("scriptPubKey"), Taproot.ScriptPubKey(outputKey).ToString());
            Assert.Equal(expected.Text("bip350Address"), SegwitAddress.PayToTaproot(Network.Mainnet, outputKey));
            if (root is not null)
            {
                string[] hashes = [.. leaves.Select(leaf => leaf.Hash.ToString())];
                string[] controls = [.. leaves.Select(leaf => ControlBlock(leaf, internalKey, hasOddY))];
                Assert.Equal(Texts(intermediary.GetProperty("leafHashes")), hashes);
                Assert.Equal(Texts(expected.GetProperty("scriptPathControlBlocks")), controls);
            }
        }
    }

    [Fact]
    public void Bip341_key_path_spends_have_the_published_hashes_messages_and_witnesses()
    {
        JsonElement vector = Assert.Single(_bip341.GetProperty("keyPathSpending").EnumerateArray());
        Transaction unsigned = Unsigned(vector);
        TxOut[] prevouts = Prevouts(vector);
        Assert.True(TaprootSighash.TryPrepare(unsigned, prevouts, out TaprootSighash? hashes, out _));
        JsonElement shared = vector.GetProperty("intermediary");
        Assert.Equal(shared.Text("hashAmounts"), hashes.Amounts.ToString());
        Assert.Equal(shared.Text("hashOutputs"), hashes.Outputs.ToString());
        Assert.Equal(shared.Text("hashPrevouts"), hashes.Prevouts.ToString());
        Assert.Equal(shared.Text("hashScriptPubkeys"), hashes.ScriptPubKeys.ToString());
        Assert.Equal(shared.Text("hashSequences"), hashes.Sequences.ToString());

        JsonElement[] spends = [.. vector.GetProperty("inputSpending").EnumerateArray()];
        Assert.Equal(7, spends.Length);
        Assert.Equal([0, 1, 2, 3, 129, 130, 131], spends.Select(spend => spend.GetProperty("given").GetProperty("hashType").GetInt32()).Order());
        foreach (JsonElement spend in spends)
        {
            CheckSpend(spend, hashes, prevouts);
        }
    }

    [Fact]
    public void Bip341_transaction_signed_through_a_psbt_is_the_published_one()
    {
        JsonElement vector = Assert.Single(_bip341.GetProperty("keyPathSpending").EnumerateArray());
        Assert.True(Transaction.TryParse(vector.GetProperty("auxiliary").Hex("fullySignedTx"), out Transaction? published, out _));
        TxOut[] prevouts = Prevouts(vector);
        Psbt psbt = Psbt.Create(Unsigned(vector), prevouts, new XOnlyPublicKey?[prevouts.Length]);
        foreach (JsonElement spend in vector.GetProperty("inputSpending").EnumerateArray())
        {
            psbt = Sign(psbt, spend.GetProperty("given"));
        }

        // Inputs 2 and 5 are not taproot: their owner finalised them.
        PsbtMap[] inputs = [.. psbt.Inputs];
        inputs[2] = inputs[2].With(InputKeyType.FinalScriptSig, published.Inputs[2].ScriptSig.AsSpan());
        inputs[5] = inputs[5].With(InputKeyType.FinalScriptWitness, published.Inputs[5].Witness.AsEncodedSpan());
        psbt = psbt.WithMaps(inputs, [.. psbt.Outputs]);

        Assert.True(psbt.TryFinalize(out Psbt? finalized, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.True(finalized.TryExtract(out Transaction? extracted, out refusal), refusal?.ToString());
        Assert.Equal(published, extracted);
    }

    [Fact]
    public void Bip86_addresses_follow_from_their_internal_keys()
    {
        JsonElement[] vectors = [.. VectorFile.Bip(86).GetProperty("vectors").EnumerateArray()];
        Assert.Equal(5, vectors.Length);
        // The first two are the root and account keys, which have no output.
        JsonElement[] outputs = [.. vectors.Where(vector => vector.TryGetProperty("internal_key", out _))];
        Assert.Equal(3, outputs.Length);
        foreach (JsonElement vector in outputs)
        {
            XOnlyPublicKey outputKey = Taproot.OutputKey(XOnlyPublicKey.Parse(vector.Hex("internal_key")), merkleRoot: null);
            Assert.Equal(vector.Text("output_key"), outputKey.ToString());
            Assert.Equal(vector.Text("scriptPubKey"), Taproot.ScriptPubKey(outputKey).ToString());
            Assert.Equal(vector.Text("address"), SegwitAddress.PayToTaproot(Network.Mainnet, outputKey));
        }
    }

    [Fact]
    public void A_tweak_of_the_group_order_or_more_is_refused()
    {
        Bytes32 order = FixedBytes.ParseHex<Bytes32>("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        Bytes32 below = FixedBytes.ParseHex<Bytes32>("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140");
        Assert.Throws<InvalidOperationException>(() => Taproot.TweakFrom(order));
        Assert.Equal(below, Taproot.TweakFrom(below).ToBytes());
    }

    private static void CheckSpend(JsonElement spend, TaprootSighash hashes, TxOut[] prevouts)
    {
        JsonElement given = spend.GetProperty("given");
        JsonElement intermediary = spend.GetProperty("intermediary");
        byte[] secret = given.Hex("internalPrivkey");
        int index = given.GetProperty("txinIndex").GetInt32();
        SighashType type = (SighashType)given.GetProperty("hashType").GetInt32();
        XOnlyPublicKey internalKey = WholeKey.PublicKey(secret);
        Scalar tweak = Taproot.Tweak(internalKey, MerkleRoot(given));
        Assert.Equal(intermediary.Text("internalPubkey"), internalKey.ToString());
        Assert.Equal(intermediary.Text("tweak"), tweak.ToString());

        Assert.True(hashes.TryCompute(index, type, annex: default, out Bytes32 sighash, out _));
        Assert.Equal(intermediary.Text("sigMsg"), Convert.ToHexStringLower(hashes.Message(index, type, annex: default)));
        Assert.Equal(intermediary.Text("sigHash"), sighash.ToString());

        using SecretScalar tweaked = WholeKey.After(secret, [new KeyStep(tweak, IsXOnly: true)]);
        Assert.Equal(intermediary.Text("tweakedPrivkey"), tweaked.Disclose().ToString());
        byte[] witness = Convert.FromHexString(Assert.Single(Texts(spend.GetProperty("expected").GetProperty("witness"))));
        byte[] suffix = type == SighashType.Default ? [] : [(byte)type];
        byte[] produced = [.. Bip340.Sign(tweaked, sighash.AsSpan(), new byte[32]).AsSpan(), .. suffix];
        Assert.Equal(witness, produced);
        Assert.True(prevouts[index].ScriptPubKey.TryGetTaprootProgram(out Bytes32 program));
        Assert.True(Bip340.Verify(XOnlyPublicKey.Parse(program.AsSpan()), sighash.AsSpan(), FixedBytes.From<Bytes64>(witness.AsSpan(0, 64))));
    }

    private static Psbt Sign(Psbt psbt, JsonElement given)
    {
        byte[] secret = given.Hex("internalPrivkey");
        int index = given.GetProperty("txinIndex").GetInt32();
        psbt = psbt.WithSighashType(index, (SighashType)given.GetProperty("hashType").GetInt32());
        psbt = MerkleRoot(given) is { } root ? psbt.WithTapMerkleRoot(index, root) : psbt;
        Assert.True(psbt.TryFindKeyPathInputs(WholeKey.PublicKey(secret), out KeyPathInputs? found, out BitcoinRefusal? refusal), refusal?.ToString());
        KeyPathInput input = Assert.Single(found.ToSign);
        Assert.Equal(index, input.Index);
        return psbt.WithTapKeySignature(index, WholeKey.Sign(secret, input.Steps, input.Sighash), input.SighashType);
    }

    private static Transaction Unsigned(JsonElement vector)
    {
        Assert.True(Transaction.TryParseWithoutWitness(vector.GetProperty("given").Hex("rawUnsignedTx"), out Transaction? unsigned, out _));
        return unsigned;
    }

    private static TxOut[] Prevouts(JsonElement vector) =>
    [
        .. vector.GetProperty("given").GetProperty("utxosSpent").EnumerateArray()
            .Select(utxo => new TxOut(utxo.GetProperty("amountSats").GetInt64(), Script.ParseHex(utxo.Text("scriptPubKey")))),
    ];

    private static Bytes32? MerkleRoot(JsonElement given) =>
        given.GetProperty("merkleRoot").GetString() is { } hex ? FixedBytes.ParseHex<Bytes32>(hex) : null;

    private static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString()!)];

    private static Leaf[] Leaves(JsonElement tree, out Bytes32? root)
    {
        root = null;
        if (tree.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (tree.ValueKind == JsonValueKind.Object)
        {
            byte version = tree.GetProperty("leafVersion").GetByte();
            root = Taproot.LeafHash(version, Script.ParseHex(tree.Text("script")));
            return [new Leaf(version, root.Value, [])];
        }

        Leaf[] left = Leaves(tree[0], out Bytes32? leftRoot);
        Leaf[] right = Leaves(tree[1], out Bytes32? rightRoot);
        root = Taproot.BranchHash(leftRoot!.Value, rightRoot!.Value);
        Assert.Equal(root, Taproot.BranchHash(rightRoot.Value, leftRoot.Value));
        return
        [
            .. left.Select(leaf => leaf with { Path = [.. leaf.Path, rightRoot.Value] }),
            .. right.Select(leaf => leaf with { Path = [.. leaf.Path, leftRoot.Value] }),
        ];
    }

    private static string ControlBlock(Leaf leaf, XOnlyPublicKey internalKey, bool hasOddY) =>
        $"{leaf.Version | (hasOddY ? 1 : 0):x2}{internalKey}{string.Concat(leaf.Path)}";

    private sealed record Leaf(byte Version, Bytes32 Hash, Bytes32[] Path);
}
