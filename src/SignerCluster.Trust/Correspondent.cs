using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust;

/// <summary>
/// The party in whose name this process writes to others and reads what they write to it. Does not own the identity key. Safe for concurrent use.
/// </summary>
public sealed class Correspondent
{
    /// <summary>Requests under way up to which nothing is held back: more than a lone session has, and far fewer than a busy node.</summary>
    internal const int Few = 8;

    private readonly Signatory _signatory;
    private readonly KnownSignatures _known = new();
    private readonly Entropy _entropy;
    private readonly TimeProvider _time;
    private int _underWay;

    /// <summary>
    /// Throws <see cref="DataDirectoryException"/> (<c>roster_mismatch</c>) when the roster does not have this party under this identity.
    /// </summary>
    /// <param name="node">This process's name among the nodes of its party.</param>
    public Correspondent(
        Roster roster, PartyName name, string node, IdentityKey identity, MessageSettings settings, Entropy entropy, TimeProvider time)
    {
        settings.ThrowIfInvalid();
        Roster = roster;
        Self = roster.Find(name) ?? throw new DataDirectoryException(
            "roster_mismatch",
            $"The roster of {roster.Cluster} has no party {name}. Use the roster that all operators agreed on, or correct the party in the settings.",
            isTransient: false);
        if (Self.Identity != identity.Public)
        {
            throw new DataDirectoryException(
                "roster_mismatch",
                $"The roster of {roster.Cluster} knows {name} by the identity {Self.Identity}, but the identity file holds the key of {identity.Public}. "
                    + "Use that party's file, or have all operators put this identity into the roster.",
                isTransient: false);
        }

        Node = node;
        Settings = settings;
        _signatory = new Signatory(identity, entropy, () => Volatile.Read(ref _underWay) > Few ? settings.GatherTime : TimeSpan.Zero, time);
        _entropy = entropy;
        _time = time;
    }

    public Roster Roster { get; }

    public RosterParty Self { get; }

    /// <summary>This process among the nodes of its party.</summary>
    public string Node { get; }

    public MessageSettings Settings { get; }

    /// <summary>A request, of this party or to it, is under way from now until <see cref="End"/>.</summary>
    internal void Begin() => Interlocked.Increment(ref _underWay);

    internal void End() => Interlocked.Decrement(ref _underWay);

    /// <summary>A new request's id and signed bytes, for one node of the recipient.</summary>
    internal async ValueTask<(MessageId Id, byte[] Bytes)> SealRequestAsync(PartyName recipient, string node, EntityId entity, ReadOnlyMemory<byte> payload)
    {
        MessageId id = MessageId.For(node, _entropy);
        return (id, await SealAsync(new MessageHead(Roster.Cluster, MessageKind.Request, Self.Name, recipient, id, Expiry(), entity, default), payload));
    }

    /// <summary>The signed bytes of what answers a request.</summary>
    internal ValueTask<byte[]> SealAnswerAsync(MessageKind kind, in PartyMessage request, EntityId entity, ReadOnlyMemory<byte> payload) =>
        SealAsync(new MessageHead(Roster.Cluster, kind, Self.Name, request.Sender.Name, DrawId(), Expiry(), entity, request.Id), payload);

    /// <summary>Is it a message to this party that may be believed? As <see cref="PartyMessage.TryOpen"/>.</summary>
    internal bool TryOpen(ReadOnlyMemory<byte> bytes, out PartyMessage message, out Untrusted untrusted) =>
        PartyMessage.TryOpen(bytes, Roster, Self.Name, _time.GetUtcNow().ToUnixTimeMilliseconds(), Settings, _known, out message, out untrusted);

    private async ValueTask<byte[]> SealAsync(MessageHead head, ReadOnlyMemory<byte> payload)
    {
        byte[] fields = PartyMessage.Write(head, payload.Span);
        SharedSignature signature = await _signatory.SignAsync(PartyMessage.Digest(fields));
        return [.. fields, .. signature.Bytes];
    }

    private MessageId DrawId()
    {
        Span<byte> id16 = stackalloc byte[MessageId.Length];
        _entropy(id16);
        return MessageId.Read(id16);
    }

    private long Expiry() => _time.GetUtcNow().ToUnixTimeMilliseconds() + Settings.LifetimeMilliseconds;
}
