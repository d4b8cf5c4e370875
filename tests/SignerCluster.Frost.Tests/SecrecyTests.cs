using System.Reflection;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class SecrecyTests : FrostTests
{
    [Fact]
    public void N2_no_text_of_a_secret_type_shows_its_digits() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        SecretShare share = round.SecretShare(round.First);
        SecretNonce nonce = round.Nonce(round.First);
        using Dealing dealing = Dealer.Deal(random.NextBytes(32), 1, 1).Value;
        object[] values =
        [
            share, nonce, (Outcome<SecretShare>)share, (Outcome<SecretNonce>)nonce, dealing, (Outcome<Dealing>)dealing,
            round.Nonce(round.First).Take(), round.Session, round.Group,
        ];
        string[] texts = [.. values.Select(static value => $"{value}")];
        string[] secrets = [.. Pieces(round), Convert.ToHexStringLower(ToBytes(dealing.Shares[0]))];
        Assert.All(texts, text => AssertHides(text, secrets));
    });

    [Fact]
    public void N2_no_exception_or_refusal_shows_the_digits_of_a_secret() => SeededRuns.ForEach(3, static random =>
    {
        using Round round = new(random, 2, 3, 2);
        SecretNonce spent = round.Nonce(round.First);
        spent.Dispose();
        SecretShare disposed = SecretShare.Create(round.First, ToBytes(round.SecretShare(round.First))).Value;
        disposed.Dispose();
        byte[] outOfRange = CurveTwin.Bytes(CurveTwin.N + random.Next());
        string[] texts =
        [
            $"{Record.Exception(() => Signing.Sign(spent, round.SecretShare(round.First), round.Session))}",
            $"{Record.Exception(() => Signing.Sign(round.Nonce(round.First), disposed, round.Session))}",
            $"{Record.Exception(() => SecretShare.Create(round.First, outOfRange).Value)}",
            $"{Record.Exception(() => SecretNonce.Parse([.. outOfRange, .. outOfRange]).Value)}",
            $"{Signing.Sign(round.Nonce(round.First), Misplaced(round), round.Session).Refusal}",
        ];
        Assert.All(texts, text =>
        {
            Assert.True(text.Length > 10);
            AssertHides(text, [.. Pieces(round), Convert.ToHexStringLower(outOfRange)]);
        });
    });

    [Fact]
    public void N2_secret_types_are_no_records_and_expose_no_raw_bytes()
    {
        Type[] secrets = [typeof(SecretShare), typeof(SecretNonce), typeof(SecretNonce.Pair), typeof(Dealing), typeof(SecretScalar)];
        foreach (Type type in secrets)
        {
            Assert.Null(type.GetMethod("<Clone>$"));
            Assert.DoesNotContain(
                type.GetProperties(BindingFlags.Public | BindingFlags.Instance),
                static property =>
                    property.PropertyType == typeof(byte[]) || property.PropertyType == typeof(Bytes32) || property.PropertyType == typeof(Scalar));
        }
    }

    [Fact]
    public void N2_a_disposed_share_signs_nothing_and_gives_no_bytes_away() => SeededRuns.ForEach(1, static random =>
    {
        Round round = new(random, 1, 1, 1);
        SecretShare share = round.SecretShare(round.First);
        round.Dispose();
        Assert.Throws<ObjectDisposedException>(() => share.CopyTo(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => round.Sign(round.First));
    });

    private static SecretShare Misplaced(Round round) => SecretShare.Create(round.First, ToBytes(round.SecretShare(round.Signers.At(1)))).Value;

    private static string[] Pieces(Round round) =>
    [
        .. round.Group.Seats.Select(seat => Convert.ToHexStringLower(ToBytes(round.SecretShare(seat)))),
        .. round.Signers.SelectMany(
            seat => new[] { Convert.ToHexStringLower(round.NonceBytes(seat))[..64], Convert.ToHexStringLower(round.NonceBytes(seat))[64..] }),
    ];

    /// <summary>Not even twelve hex digits in a row of a secret.</summary>
    private static void AssertHides(string text, string[] secrets)
    {
        foreach (string secret in secrets)
        {
            Assert.DoesNotContain(
                Enumerable.Range(0, secret.Length - 12), start => text.Contains(secret.AsSpan(start, 12), StringComparison.OrdinalIgnoreCase));
        }
    }

    private static byte[] ToBytes(SecretShare share)
    {
        byte[] bytes = new byte[32];
        share.CopyTo(bytes);
        return bytes;
    }
}
