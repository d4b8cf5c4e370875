namespace SignerCluster.Protocol;

/// <summary>An immutable run of public bytes with value equality.</summary>
public sealed class ByteString : IEquatable<ByteString>
{
    private readonly byte[] _bytes;

    private ByteString(byte[] bytes) => _bytes = bytes;

    public static ByteString Empty { get; } = new([]);

    public static ByteString From(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    public ReadOnlySpan<byte> AsSpan() => _bytes;

    public ReadOnlyMemory<byte> AsMemory() => _bytes;

    public bool Equals(ByteString? other) => other is not null && AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as ByteString);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    public override string ToString() => $"{_bytes.Length} bytes";
}
