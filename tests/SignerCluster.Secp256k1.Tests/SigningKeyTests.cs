using System.Security.Cryptography;

namespace SignerCluster.Secp256k1.Tests;

/// <summary>A key made ready once does what a key made ready each time does.</summary>
public sealed class SigningKeyTests : NativeTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_signs_byte_for_byte_as_a_bare_secret_does_and_verifies_under_its_public_key(int seed)
    {
        using SecretScalar secret = SecretScalar.Parse(SHA256.HashData(BitConverter.GetBytes(seed)));
        using SigningKey key = new(secret);
        byte[] message = [.. Enumerable.Range(0, seed * 3).Select(static value => (byte)value)];
        byte[] auxiliary = SHA256.HashData(message);
        Bytes64 signature = key.Sign(message, auxiliary);
        Assert.Equal(Bip340.Sign(secret, message, auxiliary), signature);
        Assert.Equal(secret.ToPoint().XOnly, key.Public);

        VerifyingKey verifying = new(key.Public);
        Assert.True(verifying.Verify(message, signature.AsSpan()));
        Assert.False(verifying.Verify([.. message, 0], signature.AsSpan()));
        Assert.False(verifying.Verify(message, signature.AsSpan()[1..]));
        Assert.False(new VerifyingKey(Point.Generator.XOnly).Verify(message, signature.AsSpan()));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Two_keys_agree_on_a_secret_by_what_the_other_shows_whatever_the_signs_of_their_scalars(int seed)
    {
        using SecretScalar first = SecretScalar.Parse(SHA256.HashData(BitConverter.GetBytes(seed)));
        using SecretScalar second = SecretScalar.Parse(SHA256.HashData(BitConverter.GetBytes(-seed)));
        using SigningKey mine = new(first);
        using SigningKey theirs = new(second);
        byte[] here = new byte[32];
        byte[] there = new byte[32];
        mine.Agree(theirs.Public.ToPoint(), here);
        theirs.Agree(mine.Public.ToPoint(), there);
        Assert.Equal(here, there);

        Scalar factor = Scalar.Parse(SHA256.HashData(BitConverter.GetBytes(seed)));
        Scalar even = first.ToPoint().HasEvenY ? factor : -factor;
        Assert.Equal(SHA256.HashData((even * theirs.Public.ToPoint()).ToCompressed().AsSpan()), here);
    }

    [Fact]
    public void N2_It_shows_its_public_key_alone_and_works_no_more_once_destroyed()
    {
        using SecretScalar secret = SecretScalar.Parse(SHA256.HashData([1]));
        SigningKey key = new(secret);
        Assert.Equal($"signing key of {key.Public} <redacted>", key.ToString());
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign([], new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.Agree(Point.Generator, new byte[32]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(960)]
    [InlineData(961)]
    [InlineData(100_000)]
    public void A_tagged_hash_is_the_same_by_either_way_whatever_the_length(int length)
    {
        byte[] message = [.. Enumerable.Range(0, length).Select(static value => (byte)value)];
        TaggedHash hash = new("test");
        byte[] digest = new byte[32];
        hash.Compute(message, digest);
        Bytes32 kept = hash.Compute(message);
        Assert.Equal(digest, kept.AsSpan().ToArray());
        Assert.Equal(SHA256.HashData([.. SHA256.HashData("test"u8), .. SHA256.HashData("test"u8), .. message]), digest);
    }
}
