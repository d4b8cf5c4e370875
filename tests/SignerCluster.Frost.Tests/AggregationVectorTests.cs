using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round2;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tests;

public sealed class AggregationVectorTests : FrostTests
{
    private static readonly VectorFile _file = VectorFile.Load("bip445-v0.10.0", "sig_agg_vectors.json");

    public static TheoryData<int, int> Aggregated => _file.Cases("valid_tests");

    public static TheoryData<int, int> NotAggregated => _file.Cases("error_tests");

    [Fact]
    public void All_26_published_aggregation_cases_run() => Assert.Equal((18, 8), (Aggregated.Count, NotAggregated.Count));

    [Theory]
    [MemberData(nameof(Aggregated))]
    public void Aggregation_matches_the_published_vector_and_the_signature_verifies(int group, int id)
    {
        VectorCase vector = _file.Find("valid_tests", group, id);
        SessionValues session = vector.Session(vector.AggregateNonce).Value;
        Bytes64 signature = ShareAggregation.Aggregate(session, Shares(vector)).Value;
        Assert.Equal(vector.Text("expected"), signature.ToString(), ignoreCase: true);
        Assert.True(Bip340.Verify(session.Key.OutputKey, vector.Message, signature));
    }

    [Theory]
    [MemberData(nameof(NotAggregated))]
    public void Aggregation_refuses_and_blames_as_the_published_vector_does(int group, int id)
    {
        VectorCase vector = _file.Find("error_tests", group, id);
        vector.AssertRefusal(ShareAggregation.Aggregate(vector.Session(vector.AggregateNonce).Value, Shares(vector)).Refusal);
    }

    private static Share[] Shares(VectorCase vector) => [.. vector.Texts("psigs").Select(static hex => new Share(FixedBytes.ParseHex<Bytes32>(hex)))];
}
