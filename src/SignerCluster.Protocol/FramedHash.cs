using System.Buffers.Binary;
using System.Text;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>
/// Collects components, each behind its 4-byte big-endian length, and hashes them under a domain tag. The framing makes the encoding
/// injective: no two different lists of components share bytes.
/// </summary>
internal sealed class FramedHash(TaggedHash domain)
{
    private readonly List<byte> _bytes = new(256);

    internal FramedHash Add(ReadOnlySpan<byte> component)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, component.Length);
        _bytes.AddRange(length);
        _bytes.AddRange(component);
        return this;
    }

    internal FramedHash Add(string component) => Add(Encoding.UTF8.GetBytes(component));

    internal FramedHash Add(in Bytes32 component) => Add(component.AsSpan());

    internal FramedHash Add(in Bytes66 component) => Add(component.AsSpan());

    internal FramedHash Add(int component)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, component);
        return Add(number);
    }

    internal Bytes32 Finish() => domain.Compute(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes));
}
