using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tests;

public sealed class NonceVectorTests : FrostTests
{
    private static readonly VectorFile _generation = VectorFile.Load("bip445-v0.10.0", "nonce_gen_vectors.json");
    private static readonly VectorFile _aggregation = VectorFile.Load("bip445-v0.10.0", "nonce_agg_vectors.json");

    public static TheoryData<int, int> Generated => _generation.Cases("valid_tests");

    public static TheoryData<int, int> Aggregated => _aggregation.Cases("valid_tests");

    public static TheoryData<int, int> NotAggregated => _aggregation.Cases("error_tests");

    [Fact]
    public void All_10_published_nonce_cases_run() => Assert.Equal((5, 2, 3), (Generated.Count, Aggregated.Count, NotAggregated.Count));

    [Theory]
    [MemberData(nameof(Generated))]
    public void Nonce_generation_matches_the_published_vector(int group, int id)
    {
        VectorCase vector = _generation.Find("valid_tests", group, id);
        using SecretShare? share = vector.Bytes("secshare") is { } secret ? SecretShare.Create(new SeatId(0), secret).Value : null;
        Point? publicShare = Point.TryParse(vector.Bytes("pubshare"), out Point point) ? point : null;
        XOnlyPublicKey? key = XOnlyPublicKey.TryParse(vector.Bytes("thresh_pk_xonly"), out XOnlyPublicKey x) ? x : null;

        using SecretNonce nonce = NonceGeneration.Generate(vector.Bytes("rand")!, share, publicShare, key, vector.Memory("msg"), vector.Bytes("extra_in"));

        Assert.Equal(vector.Texts("expected")[1], nonce.Commitment.ToString(), ignoreCase: true);
        Assert.Equal(vector.Texts("expected")[0], Reveal(nonce), ignoreCase: true);
    }

    [Theory]
    [MemberData(nameof(Aggregated))]
    public void Nonce_aggregation_matches_the_published_vector(int group, int id)
    {
        VectorCase vector = _aggregation.Find("valid_tests", group, id);
        Assert.Equal(vector.Text("expected"), NonceAggregation.Aggregate(vector.Commitments).Value.ToString(), ignoreCase: true);
    }

    [Theory]
    [MemberData(nameof(NotAggregated))]
    public void Nonce_aggregation_blames_the_published_culprit(int group, int id)
    {
        VectorCase vector = _aggregation.Find("error_tests", group, id);
        vector.AssertRefusal(NonceAggregation.Aggregate(vector.Commitments).Refusal);
    }

    private static string Reveal(SecretNonce nonce)
    {
        using SecretNonce.Pair pair = nonce.Take();
        return $"{pair.First.Disclose()}{pair.Second.Disclose()}";
    }
}
