using System.Text;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Codecs;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests;

/// <summary>N8 and D6: an id has one spelling inside, and whatever is accepted can be stored and read.</summary>
public class IdTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("payout-2026.11_21")]
    [InlineData("a--..__")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    [InlineData("payout:0")]
    [InlineData("payout:9999")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123:9999")]
    public void D6_Every_id_that_is_accepted_survives_the_codec(string text)
    {
        SessionId id = SessionId.Parse(text);
        Assert.Equal(text, id.ToString());
        RoastEvent @event = new RoastEvent.SeatConvicted(Party.Seat(0), Samples.Certificate with { Session = id });
        (string name, byte[] bytes) = RoastCodec.Events.Encode(@event);
        Assert.Equal(@event, RoastCodec.Events.Decode(name, bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("-a")]
    [InlineData(".a")]
    [InlineData("_a")]
    [InlineData("a/b")]
    [InlineData("a%20")]
    [InlineData("a\u00e9")]
    [InlineData("\u212a")]
    [InlineData("\u0130")]
    [InlineData("a\u200b")]
    [InlineData("\uff41")]
    [InlineData("\u0661")]
    [InlineData("a:")]
    [InlineData(":1")]
    [InlineData("a:01")]
    [InlineData("a:10000")]
    [InlineData("a:-1")]
    [InlineData("a:+1")]
    [InlineData("a:1:2")]
    [InlineData("a:b")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void D6_N8_An_id_that_is_empty_over_long_or_odd_is_refused(string text)
    {
        Assert.False(SessionId.TryParse(text, out _));
        Assert.False(SessionId.TryParseCallers(text, out _));
        Assert.Throws<FormatException>(() => SessionId.Parse(text));
        string stored = Encoding.UTF8.GetString(RoastCodec.Events.Encode(Samples.OfRoast["roast.seat-convicted.v1"]).Bytes);
        string odd = stored.Replace(
            "\"payout-1:2\"", $"\"{Encoding.UTF8.GetString(System.Text.Json.JsonEncodedText.Encode(text).EncodedUtf8Bytes)}\"", StringComparison.Ordinal);
        Assert.NotEqual(stored, odd);
        Assert.Throws<UnreadableEventException>(() => RoastCodec.Events.Decode("roast.seat-convicted.v1", Encoding.UTF8.GetBytes(odd)));
    }

    [Fact]
    public void N8_A_recased_id_is_the_same_id_and_the_same_attempt()
    {
        Party party = Party.Of(2, 3);
        SessionId recased = SessionId.Parse("PayOut-1");
        Assert.Equal(party.Session, recased);
        Assert.Equal(party.Session.GetHashCode(), recased.GetHashCode());
        Assert.Equal(party.Attempt(1), AttemptContext.Derive(recased, party.Request, 1, party.Group.Seats));
    }

    [Fact]
    public void N8_Hex_of_either_case_is_the_same_id()
    {
        GroupId group = Party.Of(2, 3).Id;
        Assert.Equal(group, GroupId.Parse(group.ToString().ToUpperInvariant()));
        string stored = Encoding.UTF8.GetString(SigningSessionCodec.Events.Encode(Samples.OfSigningSession["signing-session.share-produced.v1"]).Bytes);
        string hex = ((SigningSessionEvent.ShareProduced)Samples.OfSigningSession["signing-session.share-produced.v1"]).Attempt.Id.ToString();
        byte[] recased = Encoding.UTF8.GetBytes(stored.Replace(hex, hex.ToUpperInvariant(), StringComparison.Ordinal));
        Assert.Equal(
            Samples.OfSigningSession["signing-session.share-produced.v1"], SigningSessionCodec.Events.Decode("signing-session.share-produced.v1", recased));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData(" 79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")]
    [InlineData("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179 ")]
    [InlineData("0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f817")]
    public void N8_A_group_id_is_32_bytes_in_hex_and_nothing_else(string text)
    {
        Assert.False(GroupId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => GroupId.Parse(text));
    }

    [Fact]
    public void A_group_id_that_is_no_key_is_an_unknown_group()
    {
        Party party = Party.Of(2, 3);
        SigningRequest request = party.Request with { Group = GroupId.Parse(new string('f', 64)) };
        SeatSpecification.For(party).When(new SeatRequest.Open(request)).ThenRefused("unknown_group");
    }

    [Fact]
    public void The_ids_that_older_journals_have_for_further_inputs_are_not_for_callers_to_choose()
    {
        Assert.True(SessionId.TryParse("payout:1", out SessionId parsed) && parsed.ToString() == "payout:1");
        Assert.False(SessionId.TryParseCallers("payout:1", out _));
        Assert.True(SessionId.TryParseCallers("payout", out _));
        Assert.Throws<InvalidOperationException>(() => default(SessionId).ToString());
        Assert.False(SessionId.TryParse(null, out _));
    }

    [Theory]
    [InlineData("job.1", true)]
    [InlineData("job.", true)]
    [InlineData("job", false)]
    [InlineData("job-1", false)]
    [InlineData("jobs.1", false)]
    public void C1_Ids_that_the_party_makes_by_itself_are_told_from_those_that_callers_choose(string text, bool isReserved) =>
        Assert.Equal(isReserved, SessionId.Parse(text).IsReserved);

    [Fact]
    public void F13_N8_Upper_case_is_refused_where_a_caller_writes_it_and_read_where_it_is_stored()
    {
        Assert.False(SessionId.TryParseCallers("cAsEx", out _));
        Assert.True(SessionId.TryParse("cAsEx", out SessionId stored) && SessionId.TryParseCallers("casex", out SessionId chosen) && stored == chosen);
    }

    [Fact]
    public void N8_Seats_out_of_order_make_no_set_of_commitments()
    {
        Batch<Commitment> commitment = Samples.Certificate.Package.Commitments[0].Commitment;
        Assert.False(SeatCommitments.TryCreate([(Party.Seat(1), commitment), (Party.Seat(0), commitment)], out _));
        Assert.False(SeatCommitments.TryCreate([(Party.Seat(1), commitment), (Party.Seat(1), commitment)], out _));
        Assert.Throws<ArgumentException>(() => SeatCommitments.From([(Party.Seat(1), commitment), (Party.Seat(1), commitment)]));
        Assert.Equal(Party.Seats(0, 1), SeatCommitments.From([(Party.Seat(1), commitment), (Party.Seat(0), commitment)]).Seats);
    }
}
