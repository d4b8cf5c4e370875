using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>
/// Collects components, each behind its 4-byte big-endian length, and hashes them under a domain tag. The framing makes the encoding
/// injective: no two different lists of components share bytes.
/// </summary>
public sealed class FramedHash(TaggedHash domain)
{
    private readonly List<byte> _bytes = new(256);

    public FramedHash Add(ReadOnlySpan<byte> component)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, component.Length);
        _bytes.AddRange(length);
        _bytes.AddRange(component);
        return this;
    }

    /// <summary>In UTF-8.</summary>
    public FramedHash Add(string component) => Add(Encoding.UTF8.GetBytes(component));

    public FramedHash Add(in Bytes32 component) => Add(component.AsSpan());

    /// <summary>One component, as long as all messages together.</summary>
    internal FramedHash Add(Batch<Bytes32> messages) => Add(MemoryMarshal.AsBytes(messages.AsSpan()));

    /// <summary>One component, as long as all commitments together.</summary>
    internal FramedHash Add(Batch<Commitment> commitments) => Add(MemoryMarshal.AsBytes<Bytes66>([.. commitments.Select(static one => one.Bytes)]));

    /// <summary>Most often one list. More are preceded by their number below zero, which no list's own number is.</summary>
    internal FramedHash Add(Batch<TweakList> tweaks)
    {
        if (tweaks.Count > 1)
        {
            Add(-tweaks.Count);
        }

        foreach (TweakList list in tweaks)
        {
            Add(list.Count);
            foreach (Tweak tweak in list)
            {
                Add((int)tweak.Mode).Add(tweak.Value.ToBytes());
            }
        }

        return this;
    }

    /// <summary>Four bytes, big-endian.</summary>
    public FramedHash Add(int component)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, component);
        return Add(number);
    }

    /// <summary>Eight bytes, big-endian.</summary>
    public FramedHash Add(ulong component)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, component);
        return Add(number);
    }

    /// <summary>32 bytes; what was added stays.</summary>
    public Bytes32 Finish() => domain.Compute(CollectionsMarshal.AsSpan(_bytes));
}
