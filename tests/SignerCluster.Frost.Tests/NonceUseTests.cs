using System.Numerics;
using System.Reflection;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class NonceUseTests : FrostTests
{
    [Fact]
    public void A_nonce_signs_once() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        SecretNonce nonce = round.Nonce(round.First);
        Assert.False(nonce.IsSpent);
        Assert.True(round.Verifies(round.First, Signing.Sign(nonce, round.SecretShare(round.First), round.Session).Value));
        Assert.True(nonce.IsSpent);
        Assert.Throws<InvalidOperationException>(() => Signing.Sign(nonce, round.SecretShare(round.First), round.Session));
    });

    [Fact]
    public void A_nonce_is_wiped_before_anything_that_can_fail_is_done_with_it() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        SecretNonce nonce = round.Nonce(round.First);
        byte[][] memory = MemoryOf(nonce);
        byte[] secret = CurveTwin.Bytes(round.Secret(round.First));
        SecretShare disposed = SecretShare.Create(round.First, secret).Value;
        disposed.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Signing.Sign(nonce, disposed, round.Session));

        Assert.True(nonce.IsSpent);
        Assert.All(memory.SelectMany(static bytes => bytes), static value => Assert.Equal(0, value));
        Assert.Throws<InvalidOperationException>(() => Signing.Sign(nonce, round.SecretShare(round.First), round.Session));
    });

    [Fact]
    public void Signing_and_disposing_zero_the_memory_of_a_nonce() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 1, 2, 1);
        SecretNonce signed = round.Nonce(round.First);
        SecretNonce unused = round.Nonce(round.First);
        byte[][] memory = [.. MemoryOf(signed), .. MemoryOf(unused)];
        Assert.Equal(4, memory.Length);
        Assert.All(memory, static bytes => Assert.Contains(bytes, static value => value != 0));
        _ = Signing.Sign(signed, round.SecretShare(round.First), round.Session).Value;
        unused.Dispose();
        unused.Dispose();
        Assert.All(memory.SelectMany(static bytes => bytes), static value => Assert.Equal(0, value));
        Assert.True(unused.IsSpent);
        Assert.Throws<InvalidOperationException>(() => Signing.Sign(unused, round.SecretShare(round.First), round.Session));
    });

    [Fact]
    public void A_refused_request_leaves_the_nonce_usable() => SeededRuns.ForEach(1, static random =>
    {
        using Round round = new(random, 2, 4, 2);
        SecretNonce nonce = round.Nonce(round.First);
        SeatId outside = round.Group.Seats.Except(round.Signers).At(0);
        Assert.Equal(FrostCode.SignerNotInSet, Signing.Sign(nonce, round.SecretShare(outside), round.Session).Refusal.Code);
        Assert.False(nonce.IsSpent);
        Assert.True(round.Verifies(round.First, Signing.Sign(nonce, round.SecretShare(round.First), round.Session).Value));
    });

    [Fact]
    public void Of_racing_threads_one_signs() => SeededRuns.ForEach(20, static random =>
    {
        using Round round = new(random, 1, 1, 1);
        SecretNonce nonce = round.Nonce(round.First);
        int signed = 0;
        Parallel.For(0, 8, _ =>
        {
            if (Record.Exception(() => Signing.Sign(nonce, round.SecretShare(round.First), round.Session)) is null)
            {
                Interlocked.Increment(ref signed);
            }
        });
        Assert.Equal(1, signed);
    });

    [Fact]
    public void Three_shares_under_one_nonce_would_give_the_secret_share_away() => SeededRuns.ForEach(5, static random =>
    {
        using Round round = new(random, 2, 3, 2, tweaks: 1);
        BigInteger[][] equations = [.. Enumerable.Range(0, 3).Select(_ => Equation(random, round))];
        Assert.Equal(round.Secret(round.First), Solve(equations)[2]);
    });

    [Fact]
    public void No_public_member_makes_a_second_nonce_out_of_a_first()
    {
        Assert.Empty(typeof(SecretNonce).GetConstructors());
        string[] members = [.. typeof(SecretNonce).GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(static member => member is not MethodInfo { IsSpecialName: true })
            .Select(static member => member.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(["Commitment", "Dispose", "IsSpent", "ToString"], members);
    }

    /// <summary>A share for a fresh aggregate nonce as coefficients of (k1, k2, d) and the value that they sum to.</summary>
    private static BigInteger[] Equation(Random random, Round round)
    {
        Commitment other = SecretNonce.Parse([.. CurveTwin.Bytes(random.NextInteger()), .. CurveTwin.Bytes(random.NextInteger())]).Value.Commitment;
        AggregateNonce nonce = NonceAggregation.Aggregate([round.Commitment(round.First), other]).Value;
        SessionValues session = SessionValues.Create(round.Group, round.Signers, nonce, round.Key, round.Message).Value;
        BigInteger sign = session.FinalNonce.HasEvenY ? 1 : -1;
        return
        [
            sign,
            sign * CurveTwin.Int(session.NonceCoefficient),
            CurveTwin.Int(session.ShareWeight(round.First)),
            CurveTwin.Int(round.Sign(round.First, session).Bytes),
        ];
    }

    /// <summary>Gauss and Jordan modulo n.</summary>
    private static BigInteger[] Solve(BigInteger[][] rows)
    {
        for (int column = 0; column < 3; column++)
        {
            int pivot = Enumerable.Range(column, 3 - column).First(row => !CurveTwin.Mod(rows[row][column], CurveTwin.N).IsZero);
            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            BigInteger inverse = CurveTwin.Inverse(rows[column][column], CurveTwin.N);
            rows[column] = [.. rows[column].Select(value => CurveTwin.Mod(value * inverse, CurveTwin.N))];
            for (int row = 0; row < 3; row++)
            {
                BigInteger factor = rows[row][column];
                BigInteger[] subtrahend = rows[column];
                rows[row] =
                    row == column ? rows[row] : [.. rows[row].Select((value, index) => CurveTwin.Mod(value - (factor * subtrahend[index]), CurveTwin.N))];
            }
        }

        return [.. rows.Select(static row => row[3])];
    }

    private static byte[][] MemoryOf(SecretNonce nonce)
    {
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        var pair = (SecretNonce.Pair)typeof(SecretNonce).GetField("_pair", Hidden)!.GetValue(nonce)!;
        FieldInfo bytes = typeof(SecretScalar).GetField("_bytes", Hidden)!;
        return [(byte[])bytes.GetValue(pair.First)!, (byte[])bytes.GetValue(pair.Second)!];
    }
}
