using SignerCluster.Actors.Requests;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.Clusters;

/// <summary>Whole clusters of actors with real cryptography: sessions end with a signature whatever n - t seats do.</summary>
public sealed class ClusterTests : ActorsTest
{
    private static readonly TimeSpan _watchdog = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(2, 3, new int[0], new int[0], new int[0])]
    [InlineData(2, 3, new[] { 0 }, new int[0], new int[0])]
    [InlineData(2, 3, new int[0], new[] { 1 }, new int[0])]
    [InlineData(2, 3, new[] { 0 }, new int[0], new[] { 1 })]
    [InlineData(3, 5, new int[0], new int[0], new[] { 0, 1, 2, 3, 4 })]
    [InlineData(3, 5, new[] { 0, 1 }, new int[0], new int[0])]
    [InlineData(3, 5, new int[0], new[] { 0, 4 }, new int[0])]
    [InlineData(3, 5, new[] { 0 }, new[] { 4 }, new[] { 1, 2, 3 })]
    [InlineData(3, 5, new[] { 0, 1 }, new int[0], new[] { 2, 3 })]
    public async Task A4_A_session_completes_and_names_its_liars_whoever_lies_is_silent_or_restarts(
        int threshold, int participants, int[] liars, int[] silent, int[] restarting)
    {
        using TestGroup group = new(threshold, participants);
        using ActorCluster cluster = new(this, group, Seats(liars), Seats(silent), Seats(restarting));
        CoordinatorAddress session = new(group.Id, SessionId.Parse("s1"));

        CoordinatorAnswer answer = await Sign(cluster, session, group.Request(1));

        AssertSigned(group, answer);
        IReadOnlyList<RoastEvent> transcript = await cluster.TranscriptAsync(session);
        RoastEvent.SeatConvicted[] convicted = [.. transcript.OfType<RoastEvent.SeatConvicted>()];
        Assert.Equal(Seats(liars), SeatSet.Of([.. convicted.Select(static verdict => verdict.Seat)]));
        Assert.Equal(liars.Length, convicted.Length);
        Assert.All(convicted, verdict => Assert.True(verdict.Certificate.Proves(group.Public)));
        Assert.Single(transcript.OfType<RoastEvent.SessionCompleted>());
        Assert.True(restarting.Length == 0 || cluster.RestartedSeats > 0);
        AssertNoNonceSignedTwice(cluster);
    }

    [Fact]
    public async Task D7_A_coordinator_that_dies_in_the_middle_of_a_round_loses_no_session()
    {
        using TestGroup group = new(3, 5);
        Gate asked = new("a share was asked for");
        using ActorCluster cluster = new(this, group, default, Seats([4]), Seats([1])) { SharesAreLost = asked };
        CoordinatorAddress session = new(group.Id, SessionId.Parse("s1"));
        CoordinatorAnswer begun = await Client(cluster).OpenAsync(session, group.Request(1), CancellationToken.None);
        Assert.IsType<CoordinatorReply.Running>(Assert.IsType<CoordinatorAnswer.Granted>(begun).Reply);
        await asked.WaitAsync();

        cluster.SharesAreLost = null;
        await cluster.TakeOverAsync(session);

        AssertSigned(group, await Sign(cluster, session, group.Request(1)));
        Assert.Single((await cluster.TranscriptAsync(session)).OfType<RoastEvent.SessionCompleted>());
        AssertNoNonceSignedTwice(cluster);
    }

    [Fact]
    public async Task Many_sessions_at_once_all_end_and_share_no_nonce()
    {
        using TestGroup group = new(2, 3);
        using ActorCluster cluster = new(this, group, default, default, default);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            SigningRequest request = group.Request((byte)(number % 7));
            AssertSigned(group, await Sign(cluster, new CoordinatorAddress(group.Id, SessionId.Parse($"s{number}")), request), request);
        }));
        AssertNoNonceSignedTwice(cluster);
    }

    [Fact]
    public async Task A5_Too_few_seats_end_the_session_with_the_reason_and_without_a_signature()
    {
        using TestGroup group = new(3, 3);
        using ActorCluster cluster = new(this, group, Seats([0]), default, default);
        CoordinatorAnswer answer = await Sign(cluster, new CoordinatorAddress(group.Id, SessionId.Parse("s1")), group.Request(1));
        CoordinatorReply.Failed failed = Assert.IsType<CoordinatorReply.Failed>(Assert.IsType<CoordinatorAnswer.Granted>(answer).Reply);
        Assert.Equal("insufficient_seats", failed.Reason.Code);
    }

    [Fact]
    public async Task A_group_that_its_participants_were_never_given_ends_the_session_and_is_named_as_the_reason()
    {
        using TestGroup group = new(2, 3);
        using ActorCluster cluster = new(this, group, default, default, default) { Uninstalled = group.Public.Seats };
        CoordinatorAnswer answer = await Sign(cluster, new CoordinatorAddress(group.Id, SessionId.Parse("s1")), group.Request(1));
        CoordinatorReply.Failed failed = Assert.IsType<CoordinatorReply.Failed>(Assert.IsType<CoordinatorAnswer.Granted>(answer).Reply);
        Assert.Equal(("insufficient_seats", RefusalClass.Terminal), (failed.Reason.Code, failed.Reason.Class));
        Assert.Contains("declined with unknown_group", failed.Reason.Evidence["reasons"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_participant_that_was_never_given_the_group_is_signed_without()
    {
        using TestGroup group = new(2, 3);
        using ActorCluster cluster = new(this, group, default, default, default) { Uninstalled = Seats([1]) };
        AssertSigned(group, await Sign(cluster, new CoordinatorAddress(group.Id, SessionId.Parse("s1")), group.Request(1)));
    }

    [Fact]
    public async Task Many_messages_of_one_session_are_signed_in_one_attempt_though_a_seat_lies()
    {
        using TestGroup group = new(2, 3);
        SigningRequest request = group.Request(1) with
        {
            Message = Batch.Of(Enumerable.Range(0, 100).Select(static message => FixedBytes.From<Bytes32>(Enumerable.Repeat((byte)message, 32).ToArray()))),
        };
        using ActorCluster cluster = new(this, group, Seats([1]), default, default);
        CoordinatorAnswer answer = await Sign(cluster, new CoordinatorAddress(group.Id, SessionId.Parse("s1")), request);
        CoordinatorReply.Completed done = Assert.IsType<CoordinatorReply.Completed>(Assert.IsType<CoordinatorAnswer.Granted>(answer).Reply);
        Assert.True(group.Public.Tweaked(request.Tweaks).Value.Verify(request.Message, done.Signature));
        AssertNoNonceSignedTwice(cluster);
    }

    private static SigningClient Client(ActorCluster cluster) => new(cluster.Sessions, new SigningClientSettings(), TimeProvider.System);

    private static async Task<CoordinatorAnswer> Sign(ActorCluster cluster, CoordinatorAddress session, SigningRequest request) =>
        (await Client(cluster).SignAsync(session, new CoordinatorCommand.Sign(request), TimeSpan.FromMinutes(1), CancellationToken.None)
            .WaitAsync(_watchdog)).Answer;

    private static SeatSet Seats(int[] seats) => SeatSet.Of([.. seats.Select(static seat => new SeatId(seat))]);

    private static void AssertSigned(TestGroup group, CoordinatorAnswer answer, SigningRequest? request = null)
    {
        CoordinatorReply.Completed done = Assert.IsType<CoordinatorReply.Completed>(Assert.IsType<CoordinatorAnswer.Granted>(answer).Reply);
        SigningRequest signed = request ?? group.Request(1);
        Assert.Equal(TweakedKey.Create(group.Public.GroupKey, signed.Tweaks.Single).Value.OutputKey, done.OutputKey.Single);
        Assert.True(Bip340.Verify(done.OutputKey.Single, signed.Message.Single.AsSpan(), done.Signature.Single));
    }

    /// <summary>N1 over every share that was ever released: one commitment, one package, one share.</summary>
    private static void AssertNoNonceSignedTwice(ActorCluster cluster)
    {
        Assert.NotEmpty(cluster.Released);
        Assert.All(cluster.Released.GroupBy(static released => released.Commitment), static uses => Assert.Single(uses.Distinct()));
    }
}
