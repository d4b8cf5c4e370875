using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Coordination;

/// <summary>The share that completes an attempt is judged by the signature it makes, and blamed like any other.</summary>
public class LastShareTests
{
    public static TheoryData<string> BadShares =>
        ["a scalar at random", "zero", "one more than the right share", "the group order", "all ones", "for another attempt"];

    [Theory]
    [MemberData(nameof(BadShares))]
    public void A5_A_bad_share_that_would_complete_the_attempt_convicts_its_seat_with_a_certificate_that_proves_it(string kind)
    {
        Party party = Party.Of(2, 4).WithTweaks(Party.Tweak(7));
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenSharedBy(0);
        SigningPackage package = session.PackageOf(1);
        BlameCertificate certificate = new(party.Session, party.Request, package, Party.Seat(1), Bad(party, package, kind));
        session.WhenAnswered(1, session.Signed(1, certificate.Share)).Then(new RoastEvent.SeatConvicted(Party.Seat(1), certificate));
        Assert.True(certificate.Proves(party.Group));
        session.ThenNoMoreAsks(1);
        Assert.Equal(Party.Seats(1), session.Roster.Convicted);
        Assert.Empty(session.Roster.Live);

        session.WhenJoined(0).WhenJoined(2).WhenSharedBy(2).WhenSharedBy(0).ThenEvents(typeof(RoastEvent.ShareAccepted), typeof(RoastEvent.SessionCompleted));
        Assert.True(party.Verifies(Assert.IsType<CoordinatorReply.Completed>(session.Reply).Signature));
    }

    [Theory]
    [MemberData(nameof(BadShares))]
    public void A5_Where_one_share_is_enough_a_bad_one_convicts_its_seat(string kind)
    {
        Party party = Party.Of(1, 2);
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0);
        SigningPackage package = session.PackageOf(0);
        BlameCertificate certificate = new(party.Session, party.Request, package, Party.Seat(0), Bad(party, package, kind, seat: 0));
        session.WhenAnswered(0, session.Signed(0, certificate.Share)).ThenEvents(typeof(RoastEvent.SeatConvicted));
        Assert.True(certificate.Proves(party.Group));
    }

    [Theory]
    [InlineData(0, 2, 4)]
    [InlineData(4, 2, 0)]
    [InlineData(2, 4, 0)]
    [InlineData(4, 0, 2)]
    public void D4_The_share_of_any_seat_may_be_the_one_that_completes(int first, int second, int last)
    {
        Party party = Party.Of(3, 5).WithTweaks(Party.Tweak(7), Party.Tweak(9, TweakMode.Plain));
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0).WhenJoined(2).WhenJoined(4);
        AttemptContext attempt = session.PackageOf(last).Attempt;
        Batch<Share> share = party.ShareOf(session.PackageOf(last), last);
        session.WhenSharedBy(first).WhenSharedBy(second).ThenEvents(typeof(RoastEvent.ShareAccepted));
        session.WhenSharedBy(last);
        Batch<Bytes64> signature = Assert.IsType<CoordinatorReply.Completed>(session.Reply).Signature;
        session.Then(
            new RoastEvent.ShareAccepted(attempt.Id, Party.Seat(last), share),
            new RoastEvent.SessionCompleted(attempt.Id, party.Group.Tweaked(party.Request.Tweaks).Value.Single.OutputKey, signature));
        Assert.True(party.Verifies(signature));
    }

    [Fact]
    public void A5_Seats_that_cancel_their_nonces_complete_nothing_with_a_bad_share_though_the_sum_is_a_signature()
    {
        // Both seats cheat together, and so know the whole key: the generator stands for their nonces, and the bad share adds its 1.
        Party party = Party.Of(2, 2);
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0);
        byte[] cancelling = party.Commitment(session.Collecting, Party.Seat(0)).Single.Bytes.AsSpan().ToArray();
        cancelling[0] ^= 1;
        cancelling[33] ^= 1;
        session.WhenAnswered(1, new SeatAnswer.Granted(new SeatReply.Joined(session.Collecting.Id, new Commitment(FixedBytes.From<Bytes66>(cancelling)))));
        SigningPackage package = session.PackageOf(1);
        SessionValues values = package.Values(party.Group).Value.Single;
        Scalar key = Secret(party, 0) + Secret(party, 0) - Secret(party, 1);
        Scalar sum = Scalar.One + (values.Challenge * (values.Key.Point.HasEvenY ? key : -key));
        Share first = party.ShareOf(package, 0).Single;
        Share bad = new((sum - Scalar.Parse(first.Bytes.AsSpan())).ToBytes());
        Assert.True(party.Verifies(ShareAggregation.Aggregate(values, [first, bad]).Value));

        session.WhenSharedBy(0).ThenEvents(typeof(RoastEvent.ShareAccepted));
        session.WhenAnswered(1, session.Signed(1, bad)).ThenEvents(typeof(RoastEvent.SeatConvicted), typeof(RoastEvent.SessionFailed));
        Assert.True(new BlameCertificate(party.Session, party.Request, package, Party.Seat(1), bad).Proves(party.Group));
    }

    private static Share Bad(Party party, SigningPackage package, string kind, int seat = 1)
    {
        AttemptContext another = party.Attempt(2);
        return kind switch
        {
            "a scalar at random" => new Share(Party.Hash("not a share")),
            "zero" => default,
            "one more than the right share" => new Share((Scalar.Parse(party.ShareOf(package, seat).Single.Bytes.AsSpan()) + Scalar.One).ToBytes()),
            "the group order" => new Share(FixedBytes.ParseHex<Bytes32>("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")),
            "all ones" => new Share(FixedBytes.ParseHex<Bytes32>(new string('f', 64))),
            _ => party.ShareOf(party.Package(another, Party.Seat(seat), party.Commitment(another, Party.Seat(seat))), seat).Single,
        };
    }

    private static Scalar Secret(Party party, int seat)
    {
        Span<byte> secret32 = stackalloc byte[32];
        party.Share(Party.Seat(seat)).CopyTo(secret32);
        return Scalar.Parse(secret32);
    }
}
