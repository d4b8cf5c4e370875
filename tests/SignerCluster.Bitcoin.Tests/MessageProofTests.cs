using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>The simple, full and error vectors of BIP-0322, completely; its proofs of funds need a node.</summary>
public sealed class MessageProofTests
{
    [Theory]
    [InlineData("basic", "simple", 4)]
    [InlineData("generated", "simple", 4)]
    [InlineData("generated", "full", 10)]
    public void A_published_proof_verifies_with_its_times(string file, string kind, int count)
    {
        JsonElement[] cases = Cases(file, kind);
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            foreach (string proof in vector.GetProperty("bip322_signatures").EnumerateArray().Select(static item => item.GetString()!))
            {
                Assert.True(Verify(vector, proof, out ProofTimes times, out BitcoinRefusal? refusal), $"{vector.Text("address")}: {refusal}");
                Assert.Equal(new ProofTimes(Number(vector, "lock_time"), Number(vector, "sequence")), times);
            }
        }
    }

    [Theory]
    [InlineData("basic", 8)]
    [InlineData("generated", 28)]
    public void A_published_forgery_is_refused(string file, int count)
    {
        JsonElement[] cases = Cases(file, "error");
        Assert.Equal(count, cases.Length);
        foreach (JsonElement vector in cases)
        {
            Assert.False(Verify(vector, vector.Text("signature"), out _, out BitcoinRefusal? refusal), vector.Text("description"));
            Assert.StartsWith("proof_", refusal.Code, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_proof_of_funds_is_inconclusive()
    {
        JsonElement vector = Cases("generated", "proof_of_funds")[0];
        Assert.False(Verify(vector, vector.GetProperty("bip322_signatures")[0].GetString()!, out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.ProofInconclusive, refusal.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("for the auditor")]
    [InlineData("1,5 Bitcoin für den Prüfer ₿")]
    public void The_group_proves_an_address_by_signing_what_can_never_be_paid(string text)
    {
        foreach (DerivationPath path in (DerivationPath[])[DerivationPath.Root, DerivationPath.Receiving(3)])
        {
            ProofRequest request = Request(path, text);
            Script script = Payments.ScriptOf(path);
            Assert.Equal(script, request.ScriptPubKey);
            SignedProof proof = request.Complete(Payments.Sign(request));
            Assert.Equal(("smp", "ful"), (proof.Simple[..3], proof.Full[..3]));
            foreach (string form in (string[])[proof.Simple, proof.Full])
            {
                Assert.True(MessageProof.TryVerify(script, text, form, out ProofTimes times, out BitcoinRefusal? refusal), refusal?.ToString());
                Assert.Equal(default, times);
                Assert.False(MessageProof.TryVerify(script, text + ".", form, out _, out refusal));
                Assert.Equal(RefusalCodes.ProofInvalid, refusal.Code);
                Assert.False(MessageProof.TryVerify(Payments.ScriptOf(DerivationPath.Change(3)), text, form, out _, out _));
            }
        }
    }

    [Fact]
    public void What_is_signed_for_a_proof_spends_the_first_output_of_a_transaction_whose_only_input_is_the_null_outpoint_and_pays_nobody()
    {
        Transaction toSign = MessageProof.ToSign(Payments.Script, "m", Witness.Empty);
        Assert.Equal(0, toSign.TotalOutputSat);
        Assert.Equal(Script.ParseHex("6a"), Assert.Single(toSign.Outputs).ScriptPubKey);
        // As BIP-0322 builds it, here by NBitcoin.
        NBitcoin.Transaction toSpend = NBitcoin.Network.Main.CreateTransaction();
        toSpend.Version = 0;
        byte[] hash = new TaggedHash("BIP0322-signed-message").Compute("m"u8).AsSpan().ToArray();
        NBitcoin.Script committed = new(NBitcoin.OpcodeType.OP_0, NBitcoin.Op.GetPushOp(hash));
        toSpend.Inputs.Add(new NBitcoin.TxIn(new NBitcoin.OutPoint(NBitcoin.uint256.Zero, uint.MaxValue), committed) { Sequence = 0 });
        toSpend.Outputs.Add(NBitcoin.Money.Zero, NBitcoin.Script.FromBytesUnsafe(Payments.Script.AsSpan().ToArray()));
        Assert.Equal($"{toSpend.GetHash()}", Assert.Single(toSign.Inputs).PreviousOutput.Txid.ToString());
    }

    [Fact]
    public void A_signature_that_does_not_commit_to_everything_proves_nothing()
    {
        ProofRequest request = Request(DerivationPath.Root, "m");
        Transaction toSign = MessageProof.ToSign(Payments.Script, "m", Witness.Empty);
        Assert.True(TaprootSighash.TryCompute(
            toSign, 0, [new TxOut(0, Payments.Script)], SighashType.None, annex: default, out Bytes32 sighash, out _));
        Witness witness = Witness.FromItems([.. Payments.Sign(request.Steps, sighash).AsSpan(), (byte)SighashType.None]);
        string proof = MessageProof.Simple(MessageProof.ToSign(Payments.Script, "m", witness));
        Assert.False(MessageProof.TryVerify(Payments.Script, "m", proof, out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.ProofInvalid, refusal.Code);
    }

    [Fact]
    public void A_wrong_signature_makes_no_proof() =>
        Assert.Throws<InvalidOperationException>(() => Request(DerivationPath.Root, "m").Complete(Payments.Sign(Request(DerivationPath.Root, "n"))));

    [Theory]
    [InlineData(ProofRequest.MaximumTextBytes, null)]
    [InlineData(ProofRequest.MaximumTextBytes + 1, RefusalCodes.ProofTextTooLong)]
    public void A_text_has_a_limit(int bytes, string? code)
    {
        ProofRequest.TryCreate(Payments.Group, DerivationPath.Root, new string('a', bytes - 2) + "ü", out _, out BitcoinRefusal? refusal);
        Assert.Equal(code, refusal?.Code);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_text()
    {
        Assert.False(ProofRequest.TryCreate(Payments.Group, DerivationPath.Root, "a\ud83d", out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.ProofTextNotUnicode, refusal.Code);
    }

    private static ProofRequest Request(DerivationPath path, string text)
    {
        Assert.True(ProofRequest.TryCreate(Payments.Group, path, text, out ProofRequest? request, out BitcoinRefusal? refusal), refusal?.ToString());
        return request;
    }

    private static bool Verify(JsonElement vector, string proof, out ProofTimes times, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        Assert.True(OutputAddress.TryDecode(Network.Mainnet, vector.Text("address"), out Script? script, out refusal), refusal?.ToString());
        return MessageProof.TryVerify(script, vector.Text("message"), proof, out times, out refusal);
    }

    private static JsonElement[] Cases(string file, string kind) =>
        [.. VectorFile.Read("bips-0322", $"{file}-test-vectors.json").GetProperty(kind).EnumerateArray()];

    private static uint Number(JsonElement vector, string name) => vector.TryGetProperty(name, out JsonElement number) ? number.GetUInt32() : 0;
}
