using System.Numerics;
using System.Reflection;

namespace SignerCluster.Secp256k1.Tests;

public sealed class SecretScalarTests : NativeTests
{
    private static readonly BigInteger _sample = CurveTwin.Hex("A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90");

    public static TheoryData<string, Action<SecretScalar>> Operations => new()
    {
        { "Clone", static secret => secret.Clone() },
        { "Add", static secret => secret.Add(SecretScalar.Parse(CurveTwin.Bytes(1))) },
        { "AddTo", static secret => SecretScalar.Parse(CurveTwin.Bytes(1)).Add(secret) },
        { "Multiply", static secret => secret.Multiply(Scalar.One) },
        { "Negate", static secret => secret.Negate() },
        { "ToPoint", static secret => secret.ToPoint() },
        { "CopyTo", static secret => secret.CopyTo(new byte[32]) },
        { "Disclose", static secret => secret.Disclose() },
        { "Reveal", static secret => secret.Reveal() },
        { "Sign", static secret => Bip340.Sign(secret, [], new byte[32]) },
    };

    [Fact]
    public void Arithmetic_matches_the_twin() => SeededRuns.ForEach(100, static random =>
    {
        BigInteger left = random.NextInteger();
        BigInteger right = random.NextInteger();
        using SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(left));
        using SecretScalar addend = SecretScalar.Parse(CurveTwin.Bytes(right));
        using SecretScalar copy = secret.Clone();

        secret.Add(addend);
        Assert.Equal(CurveTwin.Mod(left + right, CurveTwin.N), CurveTwin.Int(secret.Disclose()));
        secret.Multiply(CurveTwin.Scalar(right));
        Assert.Equal(CurveTwin.Mod((left + right) * right, CurveTwin.N), CurveTwin.Int(secret.Disclose()));
        secret.Negate();
        Assert.Equal(CurveTwin.Mod(-(left + right) * right, CurveTwin.N), CurveTwin.Int(secret.Disclose()));
        Assert.Equal(Point.FromScalar(secret.Disclose()), secret.ToPoint());
        Assert.Equal(left, CurveTwin.Int(copy.Disclose()));
        Assert.Equal(right, CurveTwin.Int(addend.Disclose()));
    });

    [Fact]
    public void Zero_the_order_and_other_lengths_are_no_secrets()
    {
        foreach (byte[] bytes
            in new[] { new byte[32], CurveTwin.Bytes(CurveTwin.N), CurveTwin.Bytes((BigInteger.One << 256) - 1), [], new byte[31], new byte[33] })
        {
            Assert.False(SecretScalar.TryParse(bytes, out SecretScalar? secret));
            Assert.Null(secret);
            Assert.Throws<ArgumentException>(() => SecretScalar.Parse(bytes));
        }

        foreach (BigInteger value in EdgeScalars.All.Where(static value => !value.IsZero))
        {
            using SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(value));
            Assert.Equal(value, CurveTwin.Int(secret.Reveal()));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(33)]
    public void Reduction_never_guesses_at_missing_or_surplus_bytes(int length)
    {
        byte[] ones = [.. Enumerable.Repeat((byte)1, length)];
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretScalar.TryReduce(ones, out _));
    }

    [Fact]
    public void N2_the_memory_is_pinned_and_zeroed_when_disposed()
    {
        SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(_sample));
        byte[] memory = MemoryOf(secret);
        Assert.Equal(_sample, CurveTwin.Int(memory));
        Assert.Equal(GC.MaxGeneration, GC.GetGeneration(memory));
        secret.Dispose();
        secret.Dispose();
        Assert.All(memory, static value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Operations), DisableDiscoveryEnumeration = true)]
    public void N2_a_disposed_secret_takes_part_in_nothing(string name, Action<SecretScalar> operation)
    {
        SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(_sample));
        secret.Dispose();
        Assert.True(Record.Exception(() => operation(secret)) is ObjectDisposedException, name);
    }

    [Fact]
    public void N2_no_text_of_a_secret_shows_its_digits()
    {
        using SecretScalar secret = SecretScalar.Parse(CurveTwin.Bytes(_sample));
        using SecretScalar opposite = SecretScalar.Parse(CurveTwin.Bytes(CurveTwin.N - _sample));
        Assert.Equal("<redacted>", secret.ToString());
        Assert.Equal("<redacted>", $"{secret}");
        // Sums to zero, which the native library refuses.
        string refused = Assert.Throws<InvalidOperationException>(() => opposite.Add(secret)).ToString();
        string outOfRange = Assert.Throws<ArgumentException>(() => SecretScalar.Parse(CurveTwin.Bytes(CurveTwin.N + 12345678))).ToString();
        string zeroFactor = Assert.Throws<InvalidOperationException>(() => secret.Multiply(Scalar.Zero)).ToString();
        Assert.All(
            [refused, zeroFactor],
            static text => Assert.DoesNotContain("a1b2c3d4", text, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Convert.ToHexString(CurveTwin.Bytes(CurveTwin.N + 12345678))[^8..], outOfRange, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void N2_no_public_member_hands_a_secret_out_as_text_or_as_an_array() => Assert.DoesNotContain(
        typeof(SecretScalar).GetMembers(BindingFlags.Public | BindingFlags.Instance).OfType<MethodInfo>()
            .Where(static method => method.DeclaringType == typeof(SecretScalar)),
        static method => method.ReturnType == typeof(byte[]) || method.ReturnType == typeof(BigInteger)
            || (method.ReturnType == typeof(string) && method.Name != "ToString"));

    private static byte[] MemoryOf(SecretScalar secret) =>
        (byte[])typeof(SecretScalar).GetField("_bytes", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(secret)!;
}
