using System.Runtime.Serialization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Actors.Serialization;

/// <summary>
/// The one serializer of our messages, over the codecs that the parties use between each other. The manifests are a contract: never reused, never renamed. What
/// it does not know it refuses.
/// </summary>
public sealed class MessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public const int Number = 9001;

    // At the end of the manifest of a message before which a traceparent of so many bytes stands.
    private const string Traced = "+trace";
    private const int TraceLength = 55;

    public override int Identifier => Number;

    public override string Manifest(object o) => TraceOf(o) is null ? ManifestOf(o) : ManifestOf(o) + Traced;

    public override byte[] ToBinary(object obj) => TraceOf(obj) is { } trace ? [.. Encoding.ASCII.GetBytes(trace), .. BytesOf(obj)] : BytesOf(obj);

    private static string? TraceOf(object message) => message is ITracedMessage { Trace: { Length: TraceLength } trace } ? trace : null;

    private static string ManifestOf(object o) => o switch
    {
        ToSession { Waits: false } => "to-session.v1",
        ToSession => "to-session-waiting.v1",
        FromSession => "from-session.v1",
        ToSeat => "to-seat.v1",
        FromSeat => "from-seat.v1",
        ToGuardian => "to-guardian.v1",
        FromGuardian => "from-guardian.v1",
        ToJob { Waits: false } => "to-job.v1",
        ToJob => "to-job-waiting.v1",
        FromJob => "from-job.v1",
        ToJobDecision => "to-job-decision.v1",
        FromJobDecision => "from-job-decision.v1",
        ToKeyRing => "to-key-ring.v1",
        KeyRingAnswer => "from-key-ring.v1",
        Wake => "wake.v1",
        Stop => "stop.v1",
        _ => throw new SerializationException($"{o?.GetType()} is no message of ours."),
    };

    private static byte[] BytesOf(object obj) => obj switch
    {
        ToSession asked => Framed(asked.To.ToString(), 0, Message.Encode(asked.Command, WireJson.Default.CoordinatorCommand)),
        FromSession answered => Message.Encode(answered.Answer, WireJson.Default.CoordinatorAnswer),
        ToSeat asked => Framed(asked.To.ToString(), asked.Ask, Message.Encode(asked.Requests, WireJson.Default.IReadOnlyListSeatRequest)),
        FromSeat answered =>
            Framed(EntityAddress.Of(answered.Seat).ToString(), answered.Ask, Message.Encode(answered.Answers, WireJson.Default.IReadOnlyListSeatAnswer)),
        ToGuardian asked => Framed(asked.To.ToString(), asked.Ask, Message.Encode(asked.Command, WireJson.Default.GuardianCommand)),
        FromGuardian answered => Message.Encode(new GuardianWord(answered.Answer, answered.Ask, answered.Seats), WireJson.Default.GuardianWord),
        ToJob asked => Framed(asked.To.ToString(), 0, Message.Encode(asked.Command, WireJson.Default.JobCommand)),
        FromJob answered => Message.Encode(answered.Answer, WireJson.Default.JobAnswer),
        ToJobDecision asked => Framed(asked.To.ToString(), 0, Message.Encode(asked.Command, WireJson.Default.JobDecisionCommand)),
        FromJobDecision answered => Message.Encode(answered.Answer, WireJson.Default.JobDecisionAnswer),
        ToKeyRing asked => Message.Encode(asked.Command, WireJson.Default.KeyRingCommand),
        KeyRingAnswer answer => Message.Encode(answer, WireJson.Default.KeyRingAnswer),
        Wake wake => Framed(wake.To.ToString(), 0, []),
        Stop => [],
        _ => throw new SerializationException($"{obj?.GetType()} is no message of ours."),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest.EndsWith(Traced, StringComparison.Ordinal) && bytes.Length >= TraceLength
                ? WithTrace(Read(bytes[TraceLength..], manifest[..^Traced.Length]), Encoding.ASCII.GetString(bytes, 0, TraceLength))
                : Read(bytes, manifest);
        }
        catch (FormatException malformed)
        {
            throw new SerializationException($"A message '{manifest}' does not decode: {malformed.Message}", malformed);
        }
    }

    private static object WithTrace(object message, string trace) => message switch
    {
        ToSession asked => asked with { Trace = trace },
        ToSeat asked => asked with { Trace = trace },
        _ => throw new FormatException("nobody traces it."),
    };

    private static object Read(byte[] bytes, string manifest)
    {
        switch (manifest)
        {
            case "to-session.v1" or "to-session-waiting.v1":
                Frame asked = Frame.Parse(bytes);
                return new ToSession(
                    asked.To,
                    EntityAddress.ToCoordinator(asked.To),
                    Decode(asked.Body, WireJson.Default.CoordinatorCommand),
                    manifest == "to-session-waiting.v1");
            case "from-session.v1":
                return new FromSession(Decode(bytes, WireJson.Default.CoordinatorAnswer));
            case "to-seat.v1":
                Frame request = Frame.Parse(bytes);
                return new ToSeat(
                    request.To, EntityAddress.ToSeat(request.To), Decode(request.Body, WireJson.Default.IReadOnlyListSeatRequest), request.Number);
            case "from-seat.v1":
                Frame answer = Frame.Parse(bytes);
                return new FromSeat(EntityAddress.ToSeat(answer.To), Decode(answer.Body, WireJson.Default.IReadOnlyListSeatAnswer), answer.Number);
            case "to-guardian.v1":
                Frame question = Frame.Parse(bytes);
                return new ToGuardian(EntityAddress.ToGuardian(question.To), Decode(question.Body, WireJson.Default.GuardianCommand), question.Number);
            case "from-guardian.v1":
                GuardianWord word = Decode(bytes, WireJson.Default.GuardianWord);
                return new FromGuardian(word.Answer, word.Ask, word.Seats);
            case "to-job.v1" or "to-job-waiting.v1":
                Frame job = Frame.Parse(bytes);
                return new ToJob(EntityAddress.ToJob(job.To), Decode(job.Body, WireJson.Default.JobCommand), manifest == "to-job-waiting.v1");
            case "from-job.v1":
                return new FromJob(Decode(bytes, WireJson.Default.JobAnswer));
            case "to-job-decision.v1":
                Frame decision = Frame.Parse(bytes);
                return new ToJobDecision(EntityAddress.ToDecided(decision.To), Decode(decision.Body, WireJson.Default.JobDecisionCommand));
            case "from-job-decision.v1":
                return new FromJobDecision(Decode(bytes, WireJson.Default.JobDecisionAnswer));
            case "to-key-ring.v1":
                return new ToKeyRing(Decode(bytes, WireJson.Default.KeyRingCommand));
            case "from-key-ring.v1":
                return Decode(bytes, WireJson.Default.KeyRingAnswer);
            case "wake.v1":
                Frame wake = Frame.Parse(bytes);
                return wake is { Number: 0, Body.IsEmpty: true } ? new Wake(wake.To) : throw new FormatException("a wake says nothing more.");
            case "stop.v1":
                return bytes.Length == 0 ? Stop.Instance : throw new FormatException("a stop is empty.");
            default:
                throw new SerializationException($"No message is called '{manifest}'. Was it sent by a newer version?");
        }
    }

    private static T Decode<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> json)
        where T : class =>
        Message.TryDecode(bytes, json, out T? message, out Refusal? refusal) ? message : throw new FormatException(refusal.Message);

    private static byte[] Framed(string to, long number, byte[] body) => new Frame(EntityId.Parse(to), number, body).ToBytes();
}
