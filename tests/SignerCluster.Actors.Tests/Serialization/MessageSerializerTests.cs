using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Serialization;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.Serialization;

/// <summary>
/// The bytes of our messages. The golden ones are what other versions send: a test that fails here is a change of the contract between nodes.
/// </summary>
public sealed class MessageSerializerTests : TestKit
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static readonly TestGroup _group = new(2, 3);
    private static readonly JobAddress _job = new(CovenantKind.SelfV1, RouteRequestId.Parse("request-1"));
    private readonly MessageSerializer _serializer;

    public MessageSerializerTests() => _serializer = new MessageSerializer((ExtendedActorSystem)Sys);

    public static TheoryData<string> Names => [.. Messages().Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_message_comes_back_as_it_was(string name)
    {
        object message = Messages()[name];
        byte[] bytes = _serializer.ToBinary(message);
        object read = _serializer.FromBinary(bytes, _serializer.Manifest(message));
        Assert.IsType(message.GetType(), read);
        Assert.Equal(bytes, _serializer.ToBinary(read));
        Assert.Equal(_serializer.Manifest(message), _serializer.Manifest(read));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_bytes_of_every_message_are_what_they_have_always_been(string name)
    {
        object message = Messages()[name];
        string path = Path.Combine(AppContext.BaseDirectory, "Serialization", "Golden", $"{name}.txt");
        string now = $"{_serializer.Manifest(message)}\n{Convert.ToHexStringLower(_serializer.ToBinary(message))}\n";
        Assert.Equal(await File.ReadAllTextAsync(path), now);
    }

    [Fact]
    public void Every_kind_of_message_has_an_example_here()
    {
        IEnumerable<Type> kinds = typeof(IWireMessage).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(IWireMessage)) && !type.IsInterface)
            .Append(typeof(KeyRingAnswer));
        Assert.All(kinds, static kind => Assert.Contains(Messages().Values, kind.IsInstanceOfType));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void L1_Truncated_bytes_are_refused(string name)
    {
        object message = Messages()[name];
        byte[] bytes = _serializer.ToBinary(message);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => _serializer.FromBinary(bytes[..length], _serializer.Manifest(message)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void L1_Bytes_that_go_on_after_the_message_are_refused(string name)
    {
        object message = Messages()[name];
        byte[] bytes = [.. _serializer.ToBinary(message), (byte)'x'];
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(bytes, _serializer.Manifest(message)));
    }

    [Theory]
    [InlineData("to-session.v2")]
    [InlineData("wake.v1+trace")]
    [InlineData("")]
    [InlineData("SignerCluster.Actors.Messages.Wake, SignerCluster.Actors")]
    public void L1_An_unknown_manifest_is_refused(string manifest) => Assert.Throws<SerializationException>(() => _serializer.FromBinary([], manifest));

    [Fact]
    public void L1_A_bare_type_in_place_of_a_manifest_is_refused() =>
        Assert.ThrowsAny<Exception>(() => _serializer.FromBinary(_serializer.ToBinary(new Wake(EntityAddress.KeyRing)), typeof(Wake)));

    [Fact]
    public void L1_What_is_no_message_of_ours_is_not_sent()
    {
        Assert.Throws<SerializationException>(() => _serializer.ToBinary("text"));
        Assert.Throws<SerializationException>(() => _serializer.Manifest("text"));
    }

    [Theory]
    [InlineData("roast/nonsense/s1")]
    [InlineData("keys/ring")]
    public void L1_A_message_to_an_entity_of_another_kind_is_refused(string to)
    {
        byte[] frame = new Frame(EntityId.Parse(to), 0, Encoding.UTF8.GetBytes("[]")).ToBytes();
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(frame, "to-seat.v1"));
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(frame, "from-seat.v1"));
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(frame, "to-session.v1"));
    }

    [Fact]
    public void N2_The_end_that_a_waiter_is_handed_in_its_own_process_does_not_leave_it()
    {
        CoordinatorState absent = RoastDecider.Initial(new CoordinatorAddress(_group.Id, SessionId.Parse("s1")));
        CoordinatorState.Accepted running = (CoordinatorState.Accepted)RoastDecider.Decider.Evolve(
            absent, new RoastEvent.SigningRequested(_group.Request(1), 2, 3));
        FromSession message = new(new CoordinatorAnswer.Granted(new CoordinatorReply.Running(1)), running);
        Assert.Null(((FromSession)_serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message))).End);
    }

    private static Dictionary<string, object> Messages()
    {
        SessionId id = SessionId.Parse("s1");
        CoordinatorAddress session = new(_group.Id, id);
        SeatAddress seat = session.At(new SeatId(1));
        AttemptContext attempt = AttemptContext.Derive(id, _group.Request(1), 3, _group.Public.Seats);
        Commitment commitment = new(Filled<Bytes66>(2));
        SigningPackage package = new(
            attempt, _group.Request(1).Message, _group.Request(1).Tweaks, SeatCommitments.From([(new SeatId(0), commitment), (new SeatId(1), commitment)]));
        Share share = new(Filled<Bytes32>(5));
        Bytes64 signature = Filled<Bytes64>(6);
        KeyId key = new(0xA1B2C3D4E5F60718);
        Refusal refusal = Refusal.Terminal("refused_code", "Because.", ("why", "so"));
        JobDecision decision = new("self_v1", "request-1", "The row is lost.", 1_700_000_004, Filled<Bytes32>(7), signature);
        return new(StringComparer.Ordinal)
        {
            ["to-session-sign"] = ToSession.Of(session, new CoordinatorCommand.Sign(_group.Request(1))),
            ["to-session-waiting"] = ToSession.Of(session, new CoordinatorCommand.Sign(_group.Request(1)), waits: true),
            ["to-session-show"] = ToSession.Of(session, new CoordinatorCommand.Show()),
            ["to-session-abort"] = ToSession.Of(session, new CoordinatorCommand.Abort(AbortReason.Requested)),
            ["to-session-traced"] = ToSession.Of(session, new CoordinatorCommand.Show()) with { Trace = Trace },
            ["to-seat-traced"] = new ToSeat(EntityAddress.Of(seat), seat, [new SeatRequest.Commit(attempt)], 42) { Trace = Trace },
            ["from-session-running"] = new FromSession(new CoordinatorAnswer.Granted(new CoordinatorReply.Running(2))),
            ["from-session-completed"] = new FromSession(
                new CoordinatorAnswer.Granted(new CoordinatorReply.Completed(2, _group.Public.GroupKey.XOnly, signature))),
            ["from-session-failed"] = new FromSession(new CoordinatorAnswer.Failed("disk_full", IsTransient: true)),
            ["from-session-refused"] = new FromSession(new CoordinatorAnswer.Refused(refusal)),
            ["to-seat"] = new ToSeat(
                EntityAddress.Of(seat),
                seat,
                [
                    new SeatRequest.Open(_group.Request(1)), new SeatRequest.Commit(attempt), new SeatRequest.SignShare(package),
                    new SeatRequest.Complete(attempt, signature), new SeatRequest.Abort(AbortReason.Expired),
                ],
                42),
            ["from-seat"] = new FromSeat(
                seat,
                [
                    new SeatAnswer.Granted(new SeatReply.Acknowledged()), new SeatAnswer.Granted(new SeatReply.Joined(attempt.Id, commitment)),
                    new SeatAnswer.Granted(new SeatReply.Signed(attempt.Id, share)), new SeatAnswer.Refused(attempt.Id, refusal),
                    new SeatAnswer.Failed("disk_full", IsTransient: true),
                ],
                42),
            ["to-key-ring-rotate"] = new ToKeyRing(new KeyRingCommand.Rotate(1, key, key, ByteString.From(new byte[60]), 10)),
            ["to-key-ring-show"] = new ToKeyRing(new KeyRingCommand.Show()),
            ["from-key-ring-granted"] = new KeyRingAnswer.Granted(
                new KeyRingState(key, [new RingKey(1, key, ByteString.From(new byte[60]), KeyPhase.Active, 10)])),
            ["from-key-ring-refused"] = new KeyRingAnswer.Refused(refusal),
            ["from-key-ring-failed"] = new KeyRingAnswer.Failed("disk_full", IsTransient: true),
            ["to-guardian"] = new ToGuardian(new GuardianAddress(seat.Group, seat.Seat), new GuardianCommand.Admit(seat.Session), 9),
            ["from-guardian"] = new FromGuardian(new GuardianAnswer.Granted(new GuardianReply.Unguarded()), 9),
            ["from-guardian-refused"] = new FromGuardian(new GuardianAnswer.Refused(refusal), 9),
            ["to-job-submit"] = new ToJob(_job, new JobCommand.Submit(new TestCovenant(_group.Id.X).Request())),
            ["to-job-waiting"] = new ToJob(_job, new JobCommand.Submit(new TestCovenant(_group.Id.X).Request()), Waits: true),
            ["to-job-poll"] = new ToJob(_job, new JobCommand.Poll(Filled<Bytes32>(7))),
            ["from-job-pending"] = new FromJob(new JobAnswer.Granted(new JobReply.Pending())),
            ["from-job-ready"] = new FromJob(new JobAnswer.Granted(new JobReply.Ready(signature))),
            ["from-job-failed"] = new FromJob(new JobAnswer.Granted(new JobReply.Failed(refusal))),
            ["from-job-refused"] = new FromJob(new JobAnswer.Refused(refusal)),
            ["from-job-unwritten"] = new FromJob(new JobAnswer.Failed("disk_full", IsTransient: true)),
            ["to-job-decision-look"] = new ToJobDecision(_job, new JobDecisionCommand.Look()),
            ["to-job-decision"] = new ToJobDecision(_job, new JobDecisionCommand.Decide(decision)),
            ["from-job-decision"] = new FromJobDecision(new JobDecisionAnswer.Granted(new JobDecisionReply(decision))),
            ["wake"] = new Wake(EntityAddress.KeyRing),
            ["stop"] = Stop.Instance,
        };
    }

    private static T Filled<T>(byte value)
        where T : unmanaged, IFixedBytes<T> => FixedBytes.From<T>([.. Enumerable.Repeat(value, T.Length)]);
}
