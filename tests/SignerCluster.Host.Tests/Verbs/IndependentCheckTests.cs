using System.Numerics;
using System.Text.Json;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Verbs.Demo;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>What the command line signs is accepted by a BIP-340 verifier that shares no code with the product.</summary>
public sealed class IndependentCheckTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public async Task A_psbt_of_one_to_ten_inputs_gives_signatures_that_an_independent_verifier_accepts(int inputs)
    {
        DemoPayment payment = data.Payment(inputs);
        JsonElement result = (await data.SignPsbtAsync(data.Write($"{inputs}.psbt", payment.ToPsbt()))).Done();
        JsonElement[] messages = inputs == 1 ? [result] : [.. result.GetProperty("inputs").EnumerateArray()];
        Assert.Equal(inputs, messages.Length);
        Assert.All(messages, static message => Assert.True(
            Accepts(Bytes(message, "outputKey"), Bytes(message, "message"), Bytes(message, "signature")), message.GetRawText()));

        Assert.True(Transaction.TryParse(Bytes(result, "transaction"), out Transaction? transaction, out _));
        Assert.Null(payment.FindFault(transaction));
        Assert.Equal(
            messages.Select(static message => Convert.ToHexStringLower(Bytes(message, "signature"))),
            transaction.Inputs.Select(static input => Convert.ToHexStringLower(input.Witness[0])));
    }

    [Fact]
    public void The_independent_verifier_refuses_an_altered_byte()
    {
        byte[] key = Convert.FromHexString("F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9");
        byte[] signature = Convert.FromHexString(
            "E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA821525F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0");
        Assert.True(Accepts(key, new byte[32], signature));
        signature[63] ^= 1;
        Assert.False(Accepts(key, new byte[32], signature));
    }

    /// <summary>BIP-0340 Verify, word for word, over affine BigInteger arithmetic.</summary>
    private static bool Accepts(byte[] key32, byte[] message, byte[] signature64)
    {
        (BigInteger X, BigInteger Y)? point = CurveTwin.Decode([2, .. key32]);
        (BigInteger r, BigInteger s) = (CurveTwin.Int(signature64.AsSpan(0, 32)), CurveTwin.Int(signature64.AsSpan(32)));
        if (point is null || r >= CurveTwin.P || s >= CurveTwin.N)
        {
            return false;
        }

        BigInteger e = CurveTwin.Mod(CurveTwin.TaggedHash("BIP0340/challenge", signature64[..32], key32, message), CurveTwin.N);
        (BigInteger X, BigInteger Y)? nonce = CurveTwin.Add(CurveTwin.Multiply(s, CurveTwin.G), CurveTwin.Negate(CurveTwin.Multiply(e, point)));
        return nonce is { } final && final.Y.IsEven && final.X == r;
    }

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}
