using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;

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

    [Fact]
    public void The_group_proves_its_address_by_signing_a_payment_that_cannot_be_made()
    {
        SignedPsbt signed = Payments.Complete(MessageProof.Request(Payments.Script, "for the auditor", Payments.Group));
        string proof = MessageProof.Simple(signed.Transaction!);
        Assert.True(MessageProof.TryVerify(Payments.Script, "for the auditor", proof, out ProofTimes times, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Equal(default, times);
        Assert.False(MessageProof.TryVerify(Payments.Script, "for the auditor.", proof, out _, out refusal));
        Assert.Equal(RefusalCodes.ProofInvalid, refusal.Code);
    }

    [Fact]
    public void A_signature_that_does_not_commit_to_everything_proves_nothing()
    {
        Psbt request = MessageProof.Request(Payments.Script, "m", Payments.Group).WithSighashType(0, Spending.SighashType.None);
        string proof = MessageProof.Simple(Payments.Complete(request).Transaction!);
        Assert.False(MessageProof.TryVerify(Payments.Script, "m", proof, out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.ProofInvalid, refusal.Code);
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
