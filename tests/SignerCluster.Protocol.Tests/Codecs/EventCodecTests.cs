using System.Reflection;
using System.Text;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Exploration;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests.Codecs;

/// <summary>What is stored stays readable: names, bytes, and nothing forgotten.</summary>
public class EventCodecTests
{
    public static TheoryData<string> StoredNames =>
    [
        .. Samples.OfSigningSession.Keys, .. Samples.OfRoast.Keys, .. Samples.OfKeyRing.Keys, .. Samples.OfGuardian.Keys, .. Samples.OfCovenantJob.Keys,
        .. Samples.OfJobDecision.Keys,
    ];

    [Theory]
    [MemberData(nameof(StoredNames))]
    public void An_event_is_stored_byte_for_byte_as_its_golden_sample_and_read_back_equal(string storedName)
    {
        byte[] golden = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", storedName + ".json"));
        if (Samples.OfSigningSession.TryGetValue(storedName, out SigningSessionEvent? ofSession))
        {
            AssertGolden(SigningSessionCodec.Events, ofSession, storedName, golden);
        }
        else if (Samples.OfKeyRing.TryGetValue(storedName, out KeyRingEvent? ofRing))
        {
            AssertGolden(KeyRingCodec.Events, ofRing, storedName, golden);
        }
        else if (Samples.OfGuardian.TryGetValue(storedName, out GuardianEvent? ofGuardian))
        {
            AssertGolden(GuardianCodec.Events, ofGuardian, storedName, golden);
        }
        else if (Samples.OfCovenantJob.TryGetValue(storedName, out JobEvent? ofJob))
        {
            AssertGolden(CovenantJobCodec.Events, ofJob, storedName, golden);
        }
        else if (Samples.OfJobDecision.TryGetValue(storedName, out JobDecisionEvent? ofDecision))
        {
            AssertGolden(CovenantJobCodec.Decisions, ofDecision, storedName, golden);
        }
        else
        {
            AssertGolden(RoastCodec.Events, Samples.OfRoast[storedName], storedName, golden);
        }
    }

    [Fact]
    public void A_checkpoint_is_stored_byte_for_byte_as_its_golden_sample_and_read_back_equal()
    {
        const string StoredName = "guardian.checkpoint.v1";
        AssertGolden(
            GuardianCodec.Checkpoints,
            Samples.Checkpoint,
            StoredName,
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", $"{StoredName}.json")));
    }

    [Fact]
    public void The_contract_of_stored_names_only_grows()
    {
        string[] contract = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "event-contract.txt"));
        string[] present =
        [
            .. SigningSessionCodec.Events.Contract.Concat(RoastCodec.Events.Contract).Concat(KeyRingCodec.Events.Contract)
                .Concat(GuardianCodec.Events.Contract)
                .Concat(GuardianCodec.Checkpoints.Contract).Concat(CovenantJobCodec.Events.Contract)
                .Concat(CovenantJobCodec.Decisions.Contract)
                .Select(static row => $"{row.StoredName} {(row.Event.DeclaringType is { } root ? $"{root.Name}." : string.Empty)}{row.Event.Name}").Order(StringComparer.Ordinal),
        ];
        string[] gone = [.. contract.Except(present)];
        string[] unlisted = [.. present.Except(contract)];
        Assert.True(gone.Length == 0, $"Stored names are for ever, and these are gone or stand for another type: {string.Join("; ", gone)}");
        Assert.True(unlisted.Length == 0, $"Add these lines to event-contract.txt: {string.Join("; ", unlisted)}");
        Assert.Equal(present, contract);
    }

    [Theory]
    [InlineData(typeof(SigningSessionEvent))]
    [InlineData(typeof(RoastEvent))]
    [InlineData(typeof(KeyRingEvent))]
    [InlineData(typeof(GuardianEvent))]
    [InlineData(typeof(JobEvent))]
    [InlineData(typeof(JobDecisionEvent))]
    public void Every_event_has_a_stored_name_and_a_golden_sample(Type root)
    {
        Type[] events = [.. root.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Where(root.IsAssignableFrom).OrderBy(static type => type.Name)];
        IEnumerable<Type> coded = SigningSessionCodec.Events.Contract.Concat(RoastCodec.Events.Contract).Concat(KeyRingCodec.Events.Contract)
            .Concat(GuardianCodec.Events.Contract).Concat(CovenantJobCodec.Events.Contract).Concat(CovenantJobCodec.Decisions.Contract)
            .Select(static row => row.Event).Where(root.IsAssignableFrom);
        IEnumerable<Type> sampled = Samples.OfSigningSession.Values.Cast<object>().Concat(Samples.OfRoast.Values).Concat(Samples.OfKeyRing.Values)
            .Concat(Samples.OfGuardian.Values).Concat(Samples.OfCovenantJob.Values).Concat(Samples.OfJobDecision.Values)
            .Select(static sample => sample.GetType()).Where(root.IsAssignableFrom);
        Assert.Equal(events, coded.OrderBy(static type => type.Name));
        Assert.Equal(events, sampled.OrderBy(static type => type.Name));
    }

    [Fact]
    public void Every_event_of_a_signing_session_has_an_arm_in_evolve()
    {
        HashSet<Type> folded = [];
        Party party = Party.Of(2, 3);
        SeatSpecification completed = SeatSpecification.For(party).GivenJoined(party.Attempt(1));
        SigningPackage second = completed.Package(0, 2);
        completed.WhenSigning(completed.Package(0, 1)).WhenSigning(second).When(new SeatRequest.Complete(party.Attempt(1), party.Signature()));
        SeatSpecification aborted = SeatSpecification.For(party).GivenOpen().When(new SeatRequest.Abort(AbortReason.Expired));
        foreach (SigningSessionEvent @event in completed.History.Concat(aborted.History))
        {
            folded.Add(@event.GetType());
        }

        Assert.Equal(SigningSessionCodec.Events.Contract.Count(), folded.Count);
    }

    [Fact]
    public void Every_event_of_a_coordinated_session_has_an_arm_in_evolve()
    {
        HashSet<Type> folded = [];
        Party party = Party.Of(2, 5);
        World world = new RandomSchedule(1, 0).Run(
            World.Start(party, SeatBehaviour.Lying, SeatBehaviour.Declining, SeatBehaviour.Withdrawing, SeatBehaviour.Honest, SeatBehaviour.Honest));
        CoordinatorSpecification aborted = CoordinatorSpecification.For(party).WhenSigned().When(new CoordinatorCommand.Abort(AbortReason.Expired));
        CoordinatorSpecification spoiled = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0).WhenJoined(1);
        spoiled.WhenAnswered(0, spoiled.Signed(0, default(Frost.Round2.Share))).WhenRefused(1, party.Attempt(1).Id, "nonce_lost")
            .WhenRefused(2, null, "x", terminal: true);
        foreach (RoastEvent @event in world.History.Concat(aborted.History).Concat(spoiled.History))
        {
            folded.Add(@event.GetType());
        }

        Assert.Equal(RoastCodec.Events.Contract.Count(), folded.Count);
    }

    public static TheoryData<string, string> Unreadable => new()
    {
        { "signing-session.session-aborted.v2", """{"reason":"expired"}""" },
        { "", """{"reason":"expired"}""" },
        { "signing-session.session-aborted.v1", "" },
        { "signing-session.session-aborted.v1", "null" },
        { "signing-session.session-aborted.v1", "[]" },
        { "signing-session.session-aborted.v1", "{}" },
        { "signing-session.session-aborted.v1", """{"reason":null}""" },
        { "signing-session.session-aborted.v1", """{"reason":"expired","more":1}""" },
        { "signing-session.session-aborted.v1", """{"reason":"expired","reason":"expired"}""" },
        { "signing-session.session-aborted.v1", """{"reason":"expired"}x""" },
        { "signing-session.session-aborted.v1", """{"reason":"expired"}{}""" },
        { "signing-session.session-aborted.v1", """{"reason":1}""" },
        { "signing-session.session-aborted.v1", """{"reason":"1"}""" },
        { "signing-session.session-aborted.v1", """{"reason":"given_up"}""" },
        { "signing-session.session-aborted.v1", """{"Reason":"expired"}""" },
        { "signing-session.session-aborted.v1", """{"reason":"expired",}""" },
        { "signing-session.session-aborted.v1", """{"reason":"expired"/**/}""" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void What_is_not_exactly_a_stored_event_is_unreadable(string storedName, string text) =>
        Assert.Throws<UnreadableEventException>(() => SigningSessionCodec.Events.Decode(storedName, Encoding.UTF8.GetBytes(text)));

    public static TheoryData<string, string, string> Spoiled => new()
    {
        { "signing-session.attempt-joined.v1", "[0,1,2]", "[1,0,2]" },
        { "signing-session.attempt-joined.v1", "[0,1,2]", "[0,1,1]" },
        { "signing-session.attempt-joined.v1", "[0,1,2]", "[0,1,128]" },
        { "signing-session.attempt-joined.v1", "[0,1,2]", "[-1,0,1]" },
        { "signing-session.attempt-joined.v1", "[0,1,2]", "[0,1.0,2]" },
        { "signing-session.attempt-joined.v1", "[0,1,2]", "\"0,1,2\"" },
        { "signing-session.attempt-joined.v1", "[0,1,2]", "null" },
        { "signing-session.attempt-joined.v1", "\"number\":3", "\"number\":\"3\"" },
        { "signing-session.attempt-joined.v1", "\"number\":3", "\"number\":3.5" },
        { "signing-session.attempt-joined.v1", "\"number\":3", "\"number\":2147483648" },
        { "signing-session.session-opened.v1", "\"kind\":\"psbt_input\",", "" },
        { "signing-session.session-opened.v1", "\"kind\":\"psbt_input\"", "\"kind\":\"other\"" },
        { "signing-session.session-opened.v1", "\"kind\":\"psbt_input\"", "\"kind\":1" },
        { "signing-session.session-opened.v1", "\"x_only\"", "1" },
        { "signing-session.session-opened.v1", "cHNidP8=", "cHNidP8" },
        { "signing-session.session-opened.v1", "cHNidP8=", "!" },
    };

    [Theory]
    [MemberData(nameof(Spoiled))]
    public void A_spoiled_member_makes_an_event_unreadable(string storedName, string right, string wrong)
    {
        string text = Encoding.UTF8.GetString(SigningSessionCodec.Events.Encode(Samples.OfSigningSession[storedName]).Bytes);
        Assert.Contains(right, text, StringComparison.Ordinal);
        byte[] spoiled = Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal));
        Assert.Throws<UnreadableEventException>(() => SigningSessionCodec.Events.Decode(storedName, spoiled));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("""{"1":"00"}""")]
    [InlineData("""{"01":null}""")]
    [InlineData("""{"0":["x"]}""")]
    public void Commitments_are_an_object_from_seats_to_commitments_and_nothing_else(string wrong)
    {
        string text = Encoding.UTF8.GetString(RoastCodec.Events.Encode(Samples.OfRoast["roast.package-issued.v1"]).Bytes);
        int start = text.IndexOf("\"commitments\":", StringComparison.Ordinal) + "\"commitments\":".Length;
        byte[] spoiled = Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, start), wrong, "}"));
        Assert.Throws<UnreadableEventException>(() => RoastCodec.Events.Decode("roast.package-issued.v1", spoiled));
    }

    [Fact]
    public void D6_Commitments_out_of_order_or_repeated_are_unreadable()
    {
        string hex = Samples.Certificate.Package.Commitments[0].Commitment.Single.ToString();
        foreach (string seats in (string[])["1 0", "0 0", "128", "-1", "00"])
        {
            string members = string.Join(',', seats.Split(' ').Select(seat => $"\"{seat}\":\"{hex}\""));
            string text = Encoding.UTF8.GetString(RoastCodec.Events.Encode(Samples.OfRoast["roast.package-issued.v1"]).Bytes);
            int start = text.IndexOf("\"commitments\":", StringComparison.Ordinal) + "\"commitments\":".Length;
            Assert.Throws<UnreadableEventException>(() =>
                RoastCodec.Events.Decode("roast.package-issued.v1", Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, start), "{", members, "}}"))));
        }
    }

    private static void AssertGolden<TEvent>(EventCodec<TEvent> codec, TEvent @event, string storedName, byte[] golden)
        where TEvent : class
    {
        (string name, byte[] bytes) = codec.Encode(@event);
        Assert.Equal(storedName, name);
        Assert.Equal(Encoding.UTF8.GetString(golden), Encoding.UTF8.GetString(bytes));
        TEvent decoded = codec.Decode(name, golden);
        Assert.Equal(@event, decoded);
        Assert.Equal(bytes, codec.Encode(decoded).Bytes);
    }
}
