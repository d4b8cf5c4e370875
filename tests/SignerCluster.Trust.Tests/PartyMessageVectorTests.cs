using System.Text.Json;
using SignerCluster.Protocol.Entities;
using static SignerCluster.Trust.Tests.MessageVectors;

namespace SignerCluster.Trust.Tests;

/// <summary>The layout of messages between parties, held to vectors that another implementation made.</summary>
public sealed class PartyMessageVectorTests
{
    private static readonly MessageVectors _vectors = new("message-v1.json");

    public static TheoryData<string> Messages => _vectors.Names("messages", 10);

    public static TheoryData<string> Rejected => _vectors.Names("rejected", 29);

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_signed_byte_for_byte_and_opened_again(string name)
    {
        JsonElement vector = _vectors.Vector("messages", name);
        MessageHead head = HeadOf(vector);
        using IdentityKey identity = _vectors.IdentityOf(Text(vector, "sender"));
        byte[] bytes = Bytes(vector, "bytes");
        byte[] fields = PartyMessage.Write(head, Bytes(vector, "payload"));
        SharedSignature signature = SharedSignature.Sign([PartyMessage.Digest(fields)], identity, Bytes(vector, "auxiliary"));
        Assert.Equal(Text(vector, "bytes"), Convert.ToHexStringLower([.. fields, .. signature.Bytes]));

        Assert.True(_vectors.Opens(bytes, head.Recipient, new KnownSignatures(), out PartyMessage message, out _));
        Assert.Equal(
            (head.Kind, head.Sender, head.Id, head.Expiry, head.Request), (message.Kind, message.Sender.Name, message.Id, message.Expiry, message.Request));
        Assert.True(message.IsAbout(head.Entity));
        Assert.Equal(Text(vector, "payload"), Convert.ToHexStringLower(message.Payload.Span));
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public void What_is_no_message_to_us_is_refused_for_its_reason(string name)
    {
        JsonElement vector = _vectors.Vector("rejected", name);
        Assert.False(
            _vectors.Opens(Bytes(vector, "bytes"), PartyName.Parse("alice"), new KnownSignatures(), out PartyMessage message, out Untrusted untrusted));
        Assert.Equal(Text(vector, "reason"), untrusted.Reason.ToString());
        Assert.Equal(default, message);
    }

    [Fact]
    public void The_faults_among_the_vectors_read_as_code_and_transience()
    {
        Assert.True(FaultPayload.TryRead(Bytes(_vectors.Vector("messages", "a fault that may pass"), "payload"), out string? code, out bool isTransient));
        Assert.Equal(("overloaded", true), (code, isTransient));
        Assert.True(FaultPayload.TryRead(Bytes(_vectors.Vector("messages", "a fault for good"), "payload"), out code, out isTransient));
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
}
