using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Transactions;

/// <summary>The bytes of a script, immutable, equal by value; its text is lower-case hex. Nothing is executed or parsed here.</summary>
public sealed class Script : IEquatable<Script>
{
    private readonly byte[] _bytes;

    private Script(byte[] bytes) => _bytes = bytes;

    public static Script Empty { get; } = new([]);

    public int Length => _bytes.Length;

    public static bool operator ==(Script? left, Script? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Script? left, Script? right) => !(left == right);

    /// <summary>Copies the bytes.</summary>
    public static Script From(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? Empty : new Script(bytes.ToArray());

    /// <summary>Parses hex of either case; throws <see cref="FormatException"/> for anything else.</summary>
    public static Script ParseHex(ReadOnlySpan<char> hex) => From(Convert.FromHexString(hex));

    public ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>
    /// The 32 bytes behind <c>OP_1</c> when this is a version 1 witness program of 32 bytes (BIP-0341). They need not be on the curve.
    /// </summary>
    public bool TryGetTaprootProgram(out Bytes32 program32)
    {
        bool isTaproot = _bytes is [0x51, 0x20, ..] && _bytes.Length == 34;
        program32 = isTaproot ? FixedBytes.From<Bytes32>(_bytes.AsSpan(2)) : default;
        return isTaproot;
    }

    /// <summary>The version (0..16) and the program when this is a witness program of BIP-0141.</summary>
    internal bool TryGetWitnessProgram(out int version, out ReadOnlySpan<byte> program)
    {
        bool isProgram = _bytes.Length is >= 4 and <= 42 && (_bytes[0] is 0 or (>= 0x51 and <= 0x60)) && _bytes[1] == _bytes.Length - 2
            && (_bytes[0] != 0 || _bytes.Length is 22 or 34);
        version = isProgram && _bytes[0] != 0 ? _bytes[0] - 0x50 : 0;
        program = isProgram ? _bytes.AsSpan(2) : default;
        return isProgram;
    }

    public bool Equals(Script? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as Script);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexStringLower(_bytes);
}
