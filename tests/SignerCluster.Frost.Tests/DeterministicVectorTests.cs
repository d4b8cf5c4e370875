using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tests;

public sealed class DeterministicVectorTests : FrostTests
{
    private static readonly VectorFile _file = VectorFile.Load("bip445-v0.10.0", "det_sign_vectors.json");

    public static TheoryData<int, int> Signed => _file.Cases("valid_tests");

    public static TheoryData<int, int> NotSigned => _file.Cases("error_tests");

    [Fact]
    public void All_85_published_deterministic_cases_run() => Assert.Equal((37, 48), (Signed.Count, NotSigned.Count));

    [Theory]
    [MemberData(nameof(Signed))]
    public void Deterministic_signing_matches_the_published_vector(int group, int id)
    {
        VectorCase vector = _file.Find("valid_tests", group, id);
        DeterministicShare answer = Sign(vector).Value;
        Assert.Equal(vector.Texts("expected")[0], answer.Commitment.ToString(), ignoreCase: true);
        Assert.Equal(vector.Texts("expected")[1], answer.Share.ToString(), ignoreCase: true);
    }

    [Theory]
    [MemberData(nameof(NotSigned))]
    public void Deterministic_signing_refuses_as_the_published_vector_does(int group, int id)
    {
        VectorCase vector = _file.Find("error_tests", group, id);
        vector.AssertRefusal(Sign(vector).Refusal);
    }

    private static Outcome<DeterministicShare> Sign(VectorCase vector)
    {
        if (!vector.Selection().TryGet(out SignerSelection? selection, out FrostRefusal? refusal)
            || !SecretShare.Create(vector.MySeat, vector.SecretShare).TryGet(out SecretShare? share, out refusal))
        {
            return refusal;
        }

        using (share)
        {
            if (!vector.TweakedKey(selection.Group.GroupKey).TryGet(out TweakedKey? key, out refusal))
            {
                return refusal;
            }

            AggregateNonce? others = vector.Bytes("aggothernonce") is { } bytes ? new AggregateNonce(FixedBytes.From<Bytes66>(bytes)) : null;
            return DeterministicSigning.EnableForTheLastSigner()
                .Sign(share, others, selection.Group, selection.Signers, key, vector.Message, vector.Memory("aux_rand"));
        }
    }
}
