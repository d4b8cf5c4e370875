using System.Text.Json;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime.Tests.Trust;

/// <summary>The layout of messages between parties, held to vectors that another implementation made.</summary>
public sealed class PartyMessageVectorTests
{
    private static readonly JsonElement _file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Trust", "Vectors", "message-v1.json"))).RootElement;
    private static readonly long _now = _file.GetProperty("now").GetInt64();

    public static TheoryData<string> Messages => Names("messages", 10);

    public static TheoryData<string> Rejected => Names("rejected", 29);

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_signed_byte_for_byte_and_opened_again(string name)
    {
        JsonElement vector = Vector("messages", name);
        MessageHead head = HeadOf(vector);
        using IdentityKey identity = IdentityOf(Text(vector, "sender"));
        byte[] bytes = Bytes(vector, "bytes");
        byte[] fields = PartyMessage.Write(head, Bytes(vector, "payload"));
        SharedSignature signature = SharedSignature.Sign([PartyMessage.Digest(fields)], identity, Bytes(vector, "auxiliary"));
        Assert.Equal(Text(vector, "bytes"), Convert.ToHexStringLower([.. fields, .. signature.Bytes]));

        Assert.True(PartyMessage.TryOpen(bytes, Roster(), head.Recipient, _now, new MessageSettings(), new KnownSignatures(), out PartyMessage message, out _));
        Assert.Equal((head.Kind, head.Sender, head.Id, head.Expiry, head.Request), (message.Kind, message.Sender.Name, message.Id, message.Expiry, message.Request));
        Assert.True(message.IsAbout(head.Entity));
        Assert.Equal(Text(vector, "payload"), Convert.ToHexStringLower(message.Payload.Span));
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public void What_is_no_message_to_us_is_refused_for_its_reason(string name)
    {
        JsonElement vector = Vector("rejected", name);
        Assert.False(PartyMessage.TryOpen(Bytes(vector, "bytes"), Roster(), PartyName.Parse("alice"), _now, new MessageSettings(), new KnownSignatures(), out PartyMessage message, out Untrusted untrusted));
        Assert.Equal(Text(vector, "reason"), untrusted.Reason.ToString());
        Assert.Equal(default, message);
    }

    [Fact]
    public void The_faults_among_the_vectors_read_as_code_and_transience()
    {
        Assert.True(FaultPayload.TryRead(Bytes(Vector("messages", "a fault that may pass"), "payload"), out string? code, out bool isTransient));
        Assert.Equal(("overloaded", true), (code, isTransient));
        Assert.True(FaultPayload.TryRead(Bytes(Vector("messages", "a fault for good"), "payload"), out code, out isTransient));
        Assert.Equal(("message_too_long", false), (code, isTransient));
    }

    private static MessageHead HeadOf(JsonElement vector) => new(
        ClusterName.Parse(Text(vector, "cluster")),
        (MessageKind)vector.GetProperty("kind").GetByte(),
        PartyName.Parse(Text(vector, "sender")),
        PartyName.Parse(Text(vector, "recipient")),
        MessageId.Read(Bytes(vector, "id")),
        vector.GetProperty("expiry").GetInt64(),
        EntityId.Parse(Text(vector, "entity")),
        Bytes(vector, "request") is { Length: > 0 } request ? MessageId.Read(request) : default);

    private static Roster Roster() => new(
        ClusterName.Parse(Text(_file, "cluster")),
        [.. _file.GetProperty("identities").EnumerateArray().Select(static party => new RosterParty(
            PartyName.Parse(Text(party, "name")),
            Text(party, "name") == "coordinator" ? PartyRole.Coordinator : PartyRole.Participant,
            XOnlyPublicKey.Parse(Bytes(party, "public"))))]);

    private static IdentityKey IdentityOf(string name) =>
        IdentityKey.TryTake(Bytes(_file.GetProperty("identities").EnumerateArray().Single(party => Text(party, "name") == name), "secret"))!;

    private static TheoryData<string> Names(string list, int count)
    {
        TheoryData<string> names = [.. _file.GetProperty(list).EnumerateArray().Select(static vector => Text(vector, "name"))];
        Assert.Equal(count, names.Count);
        return names;
    }

    private static JsonElement Vector(string list, string name) => _file.GetProperty(list).EnumerateArray().Single(vector => Text(vector, "name") == name);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(Text(element, name));
}
