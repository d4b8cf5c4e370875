using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;

namespace SignerCluster.Frost.Tests;

public sealed class SignVectorTests : FrostTests
{
    private static readonly VectorFile _file = VectorFile.Load("bip445-v0.10.0", "sign_verify_vectors.json");
    private static readonly VectorFile _tweaks = VectorFile.Load("bip445-v0.10.0", "tweak_vectors.json");
    private static readonly VectorFile _obsolete = VectorFile.Load("bip445-v0.6.0-obsolete", "sign_verify_vectors.json");

    public static TheoryData<int, int> Signed => _file.Cases("valid_tests");

    public static TheoryData<int, int> NotSigned => _file.Cases("sign_error_tests");

    public static TheoryData<int, int> NotVerified => _file.Cases("verify_fail_tests");

    public static TheoryData<int, int> NotVerifiable => _file.Cases("verify_error_tests");

    public static TheoryData<int, int> Tweaked => _tweaks.Cases("valid_tests");

    public static TheoryData<int, int> NotTweaked => _tweaks.Cases("error_tests");

    public static TheoryData<int, int> Obsolete => _obsolete.Cases("valid_tests");

    [Fact]
    public void All_101_published_signing_cases_run() =>
        Assert.Equal((29, 52, 12, 8), (Signed.Count, NotSigned.Count, NotVerified.Count, NotVerifiable.Count));

    [Fact]
    public void All_44_published_tweak_cases_run() => Assert.Equal((28, 16), (Tweaked.Count, NotTweaked.Count));

    [Fact]
    public void All_25_obsolete_signing_cases_run() => Assert.Equal(25, Obsolete.Count);

    [Theory]
    [MemberData(nameof(Signed))]
    public void Signing_matches_the_published_vector(int group, int id) => AssertSigns(_file.Find("valid_tests", group, id));

    [Theory]
    [MemberData(nameof(Tweaked))]
    public void Signing_under_a_tweaked_key_matches_the_published_vector(int group, int id) =>
        AssertSigns(_tweaks.Find("valid_tests", group, id));

    [Theory]
    [MemberData(nameof(NotSigned))]
    public void Signing_refuses_as_the_published_vector_does(int group, int id) => AssertRefuses(_file.Find("sign_error_tests", group, id));

    [Theory]
    [MemberData(nameof(NotTweaked))]
    public void Tweaking_refuses_as_the_published_vector_does(int group, int id) => AssertRefuses(_tweaks.Find("error_tests", group, id));

    [Theory]
    [MemberData(nameof(NotVerified))]
    public void A_wrong_share_of_the_published_vector_does_not_verify(int group, int id)
    {
        VectorCase vector = _file.Find("verify_fail_tests", group, id);
        Assert.False(Verify(vector).Value);
    }

    [Theory]
    [MemberData(nameof(NotVerifiable))]
    public void Verification_refuses_as_the_published_vector_does(int group, int id)
    {
        VectorCase vector = _file.Find("verify_error_tests", group, id);
        vector.AssertRefusal(Verify(vector).Refusal);
    }

    [Theory]
    [MemberData(nameof(Obsolete))]
    public void Shares_of_the_obsolete_draft_are_not_produced(int group, int id)
    {
        VectorCase vector = _obsolete.Find("valid_tests", group, id);
        Assert.NotEqual(vector.Text("expected"), Sign(vector).Value.ToString(), StringComparer.OrdinalIgnoreCase);
    }

    private static void AssertSigns(VectorCase vector)
    {
        Share share = Sign(vector).Value;
        Assert.Equal(vector.Text("expected"), share.ToString(), ignoreCase: true);
        Assert.Equal(vector.AggregateNonce, NonceAggregation.Aggregate(vector.Commitments).Value);
        if (vector.HasPublicShares)
        {
            int place = vector.Ids.ToList().IndexOf(vector.MySeat.Value);
            Assert.True(ShareVerification.Verify(vector.Session(vector.AggregateNonce).Value, vector.MySeat, vector.Commitments[place], share));
        }
    }

    private static void AssertRefuses(VectorCase vector)
    {
        Outcome<Share> outcome = Sign(vector);
        Assert.False(outcome.IsAccepted);
        vector.AssertRefusal(outcome.Refusal);
    }

    private static Outcome<Share> Sign(VectorCase vector)
    {
        if (!vector.Session(vector.AggregateNonce).TryGet(out SessionValues? session, out FrostRefusal? refusal)
            || !SecretNonce.Parse(vector.SecretNonce).TryGet(out SecretNonce? nonce, out refusal))
        {
            return refusal;
        }

        if (!SecretShare.Create(vector.MySeat, vector.SecretShare).TryGet(out SecretShare? share, out refusal))
        {
            return refusal;
        }

        using (nonce)
        using (share)
        {
            return Signing.Sign(nonce, share, session);
        }
    }

    private static Outcome<bool> Verify(VectorCase vector)
    {
        if (!NonceAggregation.Aggregate(vector.Commitments).TryGet(out AggregateNonce nonce, out FrostRefusal? refusal)
            || !vector.Session(nonce).TryGet(out SessionValues? session, out refusal))
        {
            return refusal;
        }

        int index = vector.Int("signer_index");
        Share share = new(Secp256k1.FixedBytes.ParseHex<Secp256k1.Bytes32>(vector.Text("psig")));
        return ShareVerification.Verify(session, new SeatId((int)vector.Ids[index]), vector.Commitments[index], share);
    }
}
