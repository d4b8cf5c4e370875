using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests.Codecs;

/// <summary>Messages between nodes: exactly one meaning, and never an exception.</summary>
public class MessageTests
{
    private const int MutationsPerMessage = 400;

    [Fact]
    public void Seat_requests_survive_the_wire() => Assert.Equal(Samples.Requests, RoundTrip(Samples.Requests, WireJson.Default.IReadOnlyListSeatRequest));

    [Fact]
    public void Seat_answers_survive_the_wire() => Assert.Equal(Samples.Answers, RoundTrip(Samples.Answers, WireJson.Default.IReadOnlyListSeatAnswer));

    [Fact]
    public void Coordinator_commands_survive_the_wire()
    {
        foreach (CoordinatorCommand command in Samples.Commands)
        {
            CoordinatorCommand received = RoundTrip(command, WireJson.Default.CoordinatorCommand);
            Assert.IsType(command.GetType(), received);
            if (command is CoordinatorCommand.SeatAnswered answered)
            {
                Assert.Equal(answered.Seat, ((CoordinatorCommand.SeatAnswered)received).Seat);
                Assert.Equal(answered.Answers, ((CoordinatorCommand.SeatAnswered)received).Answers);
            }
            else
            {
                Assert.Equal(command, received);
            }
        }
    }

    [Fact]
    public void Coordinator_answers_survive_the_wire() =>
        Assert.All(Samples.Conclusions, static answer => Assert.Equal(answer, RoundTrip(answer, WireJson.Default.CoordinatorAnswer)));

    [Fact]
    public void Records_of_a_guardian_s_chain_survive_the_wire_and_keep_their_hash()
    {
        GuardianCommand.Fold received = Assert.IsType<GuardianCommand.Fold>(
            RoundTrip<GuardianCommand>(new GuardianCommand.Fold(Samples.Records), WireJson.Default.GuardianCommand));
        Assert.Equal(Samples.Records, received.Records);
        Assert.Equal(Samples.Records.Select(static record => record.ComputeHash()), received.Records.Select(static record => record.ComputeHash()));
        Assert.Equal(Samples.Records.Count, Samples.Records.Select(static record => record.ComputeHash()).Distinct().Count());
    }

    [Fact]
    public void A6_A_blame_certificate_survives_the_wire_and_still_proves()
    {
        Party party = Party.Of(2, 3);
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(1, session.Signed(1, new Frost.Round2.Share(Party.Hash("bad"))));
        BlameCertificate sent = session.Events.OfType<RoastEvent.SeatConvicted>().Single().Certificate;
        BlameCertificate received = RoundTrip(sent, WireJson.Default.BlameCertificate);
        Assert.Equal(sent, received);
        Assert.True(received.Proves(party.Group));
    }

    [Fact]
    public void A_refusal_survives_the_wire_with_its_evidence()
    {
        IReadOnlyList<SeatAnswer> received = RoundTrip(Samples.Answers, WireJson.Default.IReadOnlyListSeatAnswer);
        Refusal refusal = received.OfType<SeatAnswer.Refused>().Single(static refused => refused.About is not null).Refusal;
        Assert.Equal(("nonce_lost", RefusalClass.Recoverable, "Gone.", "3"), (refusal.Code, refusal.Class, refusal.Message, refusal.Evidence["number"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("\"sign\"")]
    [InlineData("""{"type":"nothing"}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":0}""")]
    [InlineData("""{"Type":"show"}""")]
    [InlineData("""{"type":"show","type":"show"}""")]
    [InlineData("""{"type":"show","more":1}""")]
    [InlineData("""{"type":"show"} x""")]
    [InlineData("""{"type":"abort"}""")]
    [InlineData("""{"type":"abort","reason":null}""")]
    [InlineData("""{"reason":"expired","type":"abort"}""")]
    [InlineData("""{"type":"abort","reason":0}""")]
    [InlineData("""{"type":"seat_answered","seat":0,"answers":null}""")]
    [InlineData("""{"type":"seat_answered","seat":0,"answers":[null]}""")]
    [InlineData("""{"type":"seat_answered","seat":0,"answers":[{}]}""")]
    [InlineData("""{"type":"seat_answered","seat":128,"answers":[]}""")]
    [InlineData("""{"type":"seat_answered","seat":"0","answers":[]}""")]
    [InlineData("""{"type":"seat_answered","seat":null,"answers":[]}""")]
    [InlineData("""{"type":"seat_answered","seat":0,"answers":[{"type":"granted","reply":null}]}""")]
    [InlineData("""{"type":"seat_answered","seat":0,"answers":[{"type":"granted","reply":{}}]}""")]
    [InlineData(
        """{"type":"seat_answered","seat":0,"answers":[{"type":"refused","about":null,"refusal":{"code":"x","class":"terminal","message":"y","evidence":{"a":null}}}]}""")]
    [InlineData(
        """{"type":"seat_answered","seat":0,"answers":[{"type":"refused","about":null,"refusal":{"code":null,"class":"terminal","message":"y","evidence":{}}}]}""")]
    [InlineData("""{"type":"sign","request":null}""")]
    public void What_is_not_exactly_one_command_is_malformed(string text) => AssertMalformed(Encoding.UTF8.GetBytes(text), WireJson.Default.CoordinatorCommand);

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[[]]")]
    [InlineData("""[{"type":"abort","reason":"expired"},null]""")]
    [InlineData("""[{"type":"abort","reason":"expired"}""")]
    [InlineData("""[{"type":"commit","attempt":null}]""")]
    public void What_is_not_a_list_of_requests_is_malformed(string text) =>
        AssertMalformed(Encoding.UTF8.GetBytes(text), WireJson.Default.IReadOnlyListSeatRequest);

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    public void What_is_not_a_list_of_answers_is_malformed(string text) =>
        AssertMalformed(Encoding.UTF8.GetBytes(text), WireJson.Default.IReadOnlyListSeatAnswer);

    [Fact]
    public void Text_that_is_not_unicode_is_malformed()
    {
        AssertMalformed([.. "[{\"type\":\""u8, 0xff, .. "\"}]"u8], WireJson.Default.IReadOnlyListSeatRequest);
        AssertMalformed([.. "{\"type\":\"abort\",\"reason\":\""u8, 0xc3, 0x28, .. "\"}"u8], WireJson.Default.CoordinatorCommand);
        AssertMalformed("""{"type":"abort","reason":"\ud800"}"""u8.ToArray(), WireJson.Default.CoordinatorCommand);
    }

    [Fact]
    public void Nesting_without_end_is_malformed() =>
        AssertMalformed(Encoding.UTF8.GetBytes(new string('[', 100_000)), WireJson.Default.IReadOnlyListSeatRequest);

    [Fact]
    public void More_tweaks_than_the_protocol_knows_are_malformed()
    {
        string tweak = $$"""{"value":"{{new string('0', 64)}}","mode":"plain"}""";
        string text = Encoding.UTF8.GetString(Message.Encode([Samples.Requests[1]], WireJson.Default.IReadOnlyListSeatRequest));
        Assert.Contains("\"tweaks\":[]", text, StringComparison.Ordinal);
        foreach ((int count, bool accepted) in (ReadOnlySpan<(int, bool)>)[(TweakList.MaximumCount, true), (TweakList.MaximumCount + 1, false)])
        {
            string many = text.Replace("\"tweaks\":[]", $"\"tweaks\":[{string.Join(',', Enumerable.Repeat(tweak, count))}]", StringComparison.Ordinal);
            Assert.Equal(accepted, Message.TryDecode(Encoding.UTF8.GetBytes(many), WireJson.Default.IReadOnlyListSeatRequest, out _, out _));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_messages_are_read_or_refused_and_never_thrown(int seed)
    {
        Mutate(seed, Samples.Requests, WireJson.Default.IReadOnlyListSeatRequest);
        Mutate(seed, Samples.Answers, WireJson.Default.IReadOnlyListSeatAnswer);
        foreach (CoordinatorCommand command in Samples.Commands)
        {
            Mutate(seed, command, WireJson.Default.CoordinatorCommand);
        }

        foreach (CoordinatorAnswer answer in Samples.Conclusions)
        {
            Mutate(seed, answer, WireJson.Default.CoordinatorAnswer);
        }
    }

    private static T RoundTrip<T>(T message, JsonTypeInfo<T> json)
        where T : class
    {
        byte[] bytes = Message.Encode(message, json);
        Assert.True(Message.TryDecode(bytes, json, out T? received, out Refusal? refusal), refusal?.Message);
        Assert.Equal(bytes, Message.Encode(received, json));
        return received;
    }

    private static void AssertMalformed<T>(byte[] bytes, JsonTypeInfo<T> json)
        where T : class
    {
        Assert.False(Message.TryDecode(bytes, json, out T? message, out Refusal? refusal));
        Assert.Null(message);
        Assert.Equal(("malformed_message", RefusalClass.Terminal), (refusal.Code, refusal.Class));
    }

    private static void Mutate<T>(int seed, T message, JsonTypeInfo<T> json)
        where T : class
    {
        Random random = new(seed);
        byte[] right = Message.Encode(message, json);
        for (int round = 0; round < MutationsPerMessage; round++)
        {
            byte[] mutated = Mutated(random, right);
            try
            {
                if (Message.TryDecode(mutated, json, out T? received, out Refusal? refusal))
                {
                    // What was understood is understood the same way again.
                    byte[] again = Message.Encode(received, json);
                    Assert.True(Message.TryDecode(again, json, out T? same, out _));
                    Assert.Equal(again, Message.Encode(same, json));
                }
                else
                {
                    Assert.Equal("malformed_message", refusal.Code);
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"seed {seed}, round {round}: {Encoding.UTF8.GetString(mutated)}"), failure);
            }
        }
    }

    private static byte[] Mutated(Random random, byte[] right)
    {
        List<byte> bytes = [.. right];
        for (int edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            int position = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 12), bytes.Count - position);
            switch (random.Next(5))
            {
                case 0:
                    bytes[position] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(position, length);
                    break;
                case 2:
                    bytes.InsertRange(position, bytes.GetRange(position, length));
                    break;
                case 3:
                    bytes[position] = "{}[]\",:0n"u8[random.Next(9)];
                    break;
                default:
                    bytes.InsertRange(position, random.Next(2) == 0 ? "null"u8.ToArray() : "{}"u8.ToArray());
                    break;
            }
        }

        return [.. bytes];
    }
}
