using SignerCluster.Chaos.Audit;

namespace SignerCluster.Chaos.Tests;

public sealed class Bip340Tests
{
    /// <summary>index, secret key, public key, aux_rand, message, signature, result: those of the BIP's rows whose messages have 32 bytes.</summary>
    public static TheoryData<string, string, string, bool> Vectors()
    {
        TheoryData<string, string, string, bool> vectors = [];
        foreach (string[] row in File.ReadLines(Checkout.PathOf("tests/SignerCluster.Secp256k1.Tests/Vectors/bips-0340/test-vectors.csv")).Skip(1)
            .Select(static line => line.Split(',')))
        {
            if (row[4].Length == 64)
            {
                vectors.Add(row[2], row[4], row[5], row[6] == "TRUE");
            }
        }

        return vectors;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void D4_A_signature_verifies_exactly_when_the_BIP_says_so(string key, string message, string signature, bool valid) =>
        Assert.Equal(valid, Bip340.Verify(key, message, signature));

    [Theory]
    [InlineData("", "", "")]
    [InlineData("zz", "00", "11")]
    public void What_is_no_hex_of_the_right_length_does_not_verify(string key, string message, string signature) =>
        Assert.False(Bip340.Verify(key, message, signature));
}
