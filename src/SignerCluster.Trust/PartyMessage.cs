using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>What a message between parties is.</summary>
internal enum MessageKind : byte
{
    Request = 1,
    Reply = 2,

    /// <summary>A signed word that the entity was not, or may not have been, asked; carries why.</summary>
    Fault = 3,
}

/// <summary>
/// 16 bytes that name one message. Those of a request also say which node of the recipient is to act on it: 8 random bytes, then the first 8 of the tagged hash
/// <c>SignerCluster/request-id/v1</c> of them and the node's name. So no two nodes of a party act on one request. Those of an answer are all random.
/// </summary>
internal readonly record struct MessageId(UInt128 Value)
{
    internal const int Length = 16;
    private const int RandomBytes = 8;
    private static readonly TaggedHash _hash = new("SignerCluster/request-id/v1");

    /// <summary>The id of a new request to a node.</summary>
    internal static MessageId For(string node, Entropy entropy)
    {
        Span<byte> id16 = stackalloc byte[Length];
        entropy(id16[..RandomBytes]);
        TagOf(node, id16[..RandomBytes]).AsSpan()[..(Length - RandomBytes)].CopyTo(id16[RandomBytes..]);
        return Read(id16);
    }

    internal bool IsFor(string node)
    {
        Span<byte> id16 = stackalloc byte[Length];
        Write(id16);
        return TagOf(node, id16[..RandomBytes]).AsSpan()[..(Length - RandomBytes)].SequenceEqual(id16[RandomBytes..]);
    }

    private static Bytes32 TagOf(string node, ReadOnlySpan<byte> random8) => _hash.Compute([.. random8, .. Encoding.ASCII.GetBytes(node)]);

    internal static MessageId Read(ReadOnlySpan<byte> bytes16) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes16));

    internal void Write(Span<byte> destination16) => BinaryPrimitives.WriteUInt128BigEndian(destination16, Value);
}

/// <summary>
/// A message from one party to another, whose signature was verified. Its exact bytes are ten fields, each behind its length (4 bytes, big-endian), and a
/// signature:
/// <list type="number">
/// <item>domain and version: the ASCII text <c>SignerCluster/message/v1</c></item>
/// <item>cluster: its name, 1..32 bytes ASCII</item>
/// <item>kind: 1 byte, 1 request, 2 reply, 3 fault</item>
/// <item>sender: a party's name, 1..32 bytes ASCII</item>
/// <item>recipient: a party's name, 1..32 bytes ASCII</item>
/// <item>id: 16 bytes, a <see cref="MessageId"/></item>
/// <item>expiry: 8 bytes big-endian, Unix milliseconds; from then on it is nothing</item>
/// <item>entity that it is about: its id, 3..255 bytes ASCII</item>
/// <item>request that it is about: the 16 bytes of that request's id in a reply or fault, nothing in a request</item>
/// <item>payload: 0..4,194,304 bytes; of a fault: 1 byte (1: the same request may succeed later, 0: it will not), then its code, 1..64 bytes of
/// <c>a-z 0-9 _</c></item>
/// <item>signature, without a length: a <see cref="SharedSignature"/> by the sender's identity key for the message's digest, the tagged hash
/// <c>SignerCluster/message/v1</c> of everything before it</item>
/// </list>
/// </summary>
/// <param name="Expiry">Unix milliseconds.</param>
/// <param name="Request">The request that a reply or fault is about; unset in a request.</param>
/// <param name="Payload">A part of the bytes that were opened.</param>
internal readonly record struct PartyMessage(
    MessageKind Kind, RosterParty Sender, MessageId Id, long Expiry, ReadOnlyMemory<byte> EntityText, MessageId Request, ReadOnlyMemory<byte> Payload)
{
    internal const int MaximumPayloadBytes = 4 * 1024 * 1024;
    internal const int MaximumEntityBytes = 255;

    private const string Domain = "SignerCluster/message/v1";
    private static readonly TaggedHash _hash = new(Domain);
    private static readonly byte[] _domain = Encoding.ASCII.GetBytes(Domain);

    internal bool IsAbout(EntityId entity) => Ascii.Equals(EntityText.Span, entity.ToString());

    /// <summary>
    /// The fields without the signature. Throws <see cref="ExchangeException"/> (<c>message_too_long</c>) when the payload is longer than
    /// <see cref="MaximumPayloadBytes"/>.
    /// </summary>
    internal static byte[] Write(in MessageHead head, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaximumPayloadBytes)
        {
            throw new ExchangeException(
                "message_too_long",
                $"A message of {payload.Length} bytes about {head.Entity} is longer than the {MaximumPayloadBytes} that a party takes.",
                isTransient: false);
        }

        string entity = head.Entity.ToString();
        (string cluster, string sender, string recipient) = (head.Cluster.ToString(), head.Sender.ToString(), head.Recipient.ToString());
        int requestBytes = head.Kind == MessageKind.Request ? 0 : MessageId.Length;
        int length = _domain.Length + cluster.Length + 1 + sender.Length + recipient.Length + MessageId.Length + sizeof(long) + entity.Length + requestBytes
            + payload.Length
            + (10 * sizeof(int));
        byte[] bytes = new byte[length];
        FrameWriter writer = new(bytes);
        _domain.CopyTo(writer.Next(_domain.Length));
        writer.Write(cluster);
        writer.Next(1)[0] = (byte)head.Kind;
        writer.Write(sender);
        writer.Write(recipient);
        head.Id.Write(writer.Next(MessageId.Length));
        BinaryPrimitives.WriteInt64BigEndian(writer.Next(sizeof(long)), head.Expiry);
        writer.Write(entity);
        Span<byte> request = writer.Next(requestBytes);
        if (requestBytes > 0)
        {
            head.Request.Write(request);
        }

        payload.CopyTo(writer.Next(payload.Length));
        return bytes;
    }

    /// <summary>What is signed of the fields.</summary>
    internal static Bytes32 Digest(ReadOnlySpan<byte> fields) => _hash.Compute(fields);

    /// <summary>
    /// Is this a message of a party of the roster to <paramref name="recipient"/>, signed by that party and good at <paramref name="now"/> (Unix
    /// milliseconds)? Remembers nothing but verified signatures. What comes before the signature is checked to find the key and to spare the work of verifying;
    /// nothing of it is handed out.
    /// </summary>
    /// <param name="known">Signatures that were verified before; those of several messages are added.</param>
    internal static bool TryOpen(
        ReadOnlyMemory<byte> bytes,
        Roster roster,
        PartyName recipient,
        long now,
        MessageSettings settings,
        KnownSignatures known,
        out PartyMessage message,
        out Untrusted untrusted)
    {
        message = default;
        if (!TryRead(bytes.Span, out Frames frames))
        {
            untrusted = new(UntrustedReason.Malformed, null);
            return false;
        }

        ReadOnlySpan<byte> span = bytes.Span;
        RosterParty? sender = roster.Find(span[frames.Sender]);
        long expiry = BinaryPrimitives.ReadInt64BigEndian(span[frames.Expiry]);
        UntrustedReason? reason =
            !Ascii.Equals(span[frames.Cluster], roster.Cluster.ToString()) ? UntrustedReason.OtherCluster
            : sender is null ? UntrustedReason.UnknownSender
            : !Ascii.Equals(span[frames.Recipient], recipient.ToString()) ? UntrustedReason.OtherRecipient
            : expiry <= now || expiry > now + settings.LifetimeMilliseconds + settings.ClockSkewMilliseconds ? UntrustedReason.OutOfTime
            : !SharedSignature.Verify(span[frames.Signature], Digest(span[..frames.Signature.Start.Value]), sender.Key, known) ? UntrustedReason.BadSignature
            : null;
        if (reason is { } refused)
        {
            untrusted = new(refused, sender?.Name);
            return false;
        }

        untrusted = default;
        MessageKind kind = (MessageKind)span[frames.Kind][0];
        MessageId request = kind == MessageKind.Request ? default : MessageId.Read(span[frames.Request]);
        message = new PartyMessage(kind, sender!, MessageId.Read(span[frames.Id]), expiry, bytes[frames.Entity], request, bytes[frames.Payload]);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out Frames frames)
    {
        frames = default;
        FrameReader reader = new(bytes);
        bool isWhole =
            reader.TryNext(_domain.Length, _domain.Length, out Range domain) && bytes[domain].SequenceEqual(_domain)
            && reader.TryNext(1, PartyName.MaximumLength, out frames.Cluster)
            && reader.TryNext(1, 1, out frames.Kind)
            && reader.TryNext(1, PartyName.MaximumLength, out frames.Sender)
            && reader.TryNext(1, PartyName.MaximumLength, out frames.Recipient)
            && reader.TryNext(MessageId.Length, MessageId.Length, out frames.Id)
            && reader.TryNext(sizeof(long), sizeof(long), out frames.Expiry)
            && reader.TryNext(3, MaximumEntityBytes, out frames.Entity)
            && reader.TryNext(0, MessageId.Length, out frames.Request)
            && reader.TryNext(0, MaximumPayloadBytes, out frames.Payload)
            && SharedSignature.IsLength(reader.Left);
        frames.Signature = (bytes.Length - reader.Left)..bytes.Length;
        return isWhole && bytes[frames.Kind][0] switch
        {
            (byte)MessageKind.Request => bytes[frames.Request].IsEmpty,
            (byte)MessageKind.Reply or (byte)MessageKind.Fault => bytes[frames.Request].Length == MessageId.Length,
            _ => false,
        };
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Frames
    {
        internal Range Cluster;
        internal Range Kind;
        internal Range Sender;
        internal Range Recipient;
        internal Range Id;
        internal Range Expiry;
        internal Range Entity;
        internal Range Request;
        internal Range Payload;
        internal Range Signature;
    }
}

/// <summary>What a sender says of its message beside the payload; the fields are those of <see cref="PartyMessage"/>.</summary>
internal readonly record struct MessageHead(
    ClusterName Cluster, MessageKind Kind, PartyName Sender, PartyName Recipient, MessageId Id, long Expiry, EntityId Entity, MessageId Request);
