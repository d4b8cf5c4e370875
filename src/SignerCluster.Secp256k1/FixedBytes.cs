using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SignerCluster.Secp256k1;

/// <summary>A value of exactly <see cref="Length"/> public bytes with value equality and lower-case hex as its text.</summary>
public interface IFixedBytes<TSelf> : IEquatable<TSelf>
    where TSelf : unmanaged, IFixedBytes<TSelf>
{
    /// <summary>Size in bytes; equal to the size of the struct.</summary>
    static abstract int Length { get; }
}

/// <summary>What all fixed-size values share: conversion from and to bytes and hex.</summary>
public static class FixedBytes
{
    /// <summary>Copies <paramref name="bytes"/> into a value. Throws <see cref="ArgumentException"/> when the length differs.</summary>
    public static T From<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged, IFixedBytes<T>
    {
        if (bytes.Length != T.Length)
        {
            throw new ArgumentException($"{typeof(T).Name} takes {T.Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        return MemoryMarshal.Read<T>(bytes);
    }

    /// <summary>Parses hex of either case; false when it is not hex or not of the exact length.</summary>
    public static bool TryParseHex<T>(ReadOnlySpan<char> hex, out T value)
        where T : unmanaged, IFixedBytes<T>
    {
        value = default;
        if (hex.Length != 2 * T.Length)
        {
            return false;
        }

        return Convert.FromHexString(hex, MemoryMarshal.AsBytes(new Span<T>(ref value)), out _, out _) == System.Buffers.OperationStatus.Done;
    }

    /// <summary>Parses UTF-8 hex of either case; false when it is not hex or not of the exact length.</summary>
    public static bool TryParseHex<T>(ReadOnlySpan<byte> utf8Hex, out T value)
        where T : unmanaged, IFixedBytes<T>
    {
        value = default;
        return utf8Hex.Length == 2 * T.Length
            && Convert.FromHexString(utf8Hex, MemoryMarshal.AsBytes(new Span<T>(ref value)), out _, out _) == System.Buffers.OperationStatus.Done;
    }

    /// <summary>Parses hex of either case; throws <see cref="FormatException"/> that names the length wanted.</summary>
    public static T ParseHex<T>(ReadOnlySpan<char> hex)
        where T : unmanaged, IFixedBytes<T> =>
        TryParseHex(hex, out T value) ? value : throw new FormatException($"Expected {2 * T.Length} hex digits ({T.Length} bytes).");

    /// <summary>A view of the value's bytes; valid as long as the variable it was taken from.</summary>
    public static ReadOnlySpan<byte> View<T>(ref readonly T value)
        where T : unmanaged, IFixedBytes<T> => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));

    internal static bool Same<T>(in T left, in T right)
        where T : unmanaged, IFixedBytes<T> => View(in left).SequenceEqual(View(in right));

    internal static int Hash<T>(in T value)
        where T : unmanaged, IFixedBytes<T>
    {
        HashCode hash = default;
        hash.AddBytes(View(in value));
        return hash.ToHashCode();
    }

    internal static string Hex<T>(in T value)
        where T : unmanaged, IFixedBytes<T> => Convert.ToHexStringLower(View(in value));
}

/// <summary>32 public bytes: a hash, a message, an x coordinate.</summary>
[InlineArray(32)]
public struct Bytes32 : IFixedBytes<Bytes32>
{
    private byte _element0;

    public static int Length => 32;

    /// <summary>A view of the bytes; valid as long as the variable it was taken from.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AsSpan() => FixedBytes.View(in this);

    public static bool operator ==(Bytes32 left, Bytes32 right) => FixedBytes.Same(left, right);

    public static bool operator !=(Bytes32 left, Bytes32 right) => !FixedBytes.Same(left, right);

    public readonly bool Equals(Bytes32 other) => FixedBytes.Same(this, other);

    public override readonly bool Equals(object? obj) => obj is Bytes32 other && Equals(other);

    public override readonly int GetHashCode() => FixedBytes.Hash(this);

    public override readonly string ToString() => FixedBytes.Hex(this);
}

/// <summary>33 public bytes: a compressed point.</summary>
[InlineArray(33)]
public struct Bytes33 : IFixedBytes<Bytes33>
{
    private byte _element0;

    public static int Length => 33;

    /// <summary>A view of the bytes; valid as long as the variable it was taken from.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AsSpan() => FixedBytes.View(in this);

    public static bool operator ==(Bytes33 left, Bytes33 right) => FixedBytes.Same(left, right);

    public static bool operator !=(Bytes33 left, Bytes33 right) => !FixedBytes.Same(left, right);

    public readonly bool Equals(Bytes33 other) => FixedBytes.Same(this, other);

    public override readonly bool Equals(object? obj) => obj is Bytes33 other && Equals(other);

    public override readonly int GetHashCode() => FixedBytes.Hash(this);

    public override readonly string ToString() => FixedBytes.Hex(this);
}

/// <summary>64 public bytes: a BIP-340 signature.</summary>
[InlineArray(64)]
public struct Bytes64 : IFixedBytes<Bytes64>
{
    private byte _element0;

    public static int Length => 64;

    /// <summary>A view of the bytes; valid as long as the variable it was taken from.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AsSpan() => FixedBytes.View(in this);

    public static bool operator ==(Bytes64 left, Bytes64 right) => FixedBytes.Same(left, right);

    public static bool operator !=(Bytes64 left, Bytes64 right) => !FixedBytes.Same(left, right);

    public readonly bool Equals(Bytes64 other) => FixedBytes.Same(this, other);

    public override readonly bool Equals(object? obj) => obj is Bytes64 other && Equals(other);

    public override readonly int GetHashCode() => FixedBytes.Hash(this);

    public override readonly string ToString() => FixedBytes.Hex(this);
}

/// <summary>66 public bytes: two compressed points, as a public nonce is.</summary>
[InlineArray(66)]
public struct Bytes66 : IFixedBytes<Bytes66>
{
    private byte _element0;

    public static int Length => 66;

    /// <summary>A view of the bytes; valid as long as the variable it was taken from.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AsSpan() => FixedBytes.View(in this);

    public static bool operator ==(Bytes66 left, Bytes66 right) => FixedBytes.Same(left, right);

    public static bool operator !=(Bytes66 left, Bytes66 right) => !FixedBytes.Same(left, right);

    public readonly bool Equals(Bytes66 other) => FixedBytes.Same(this, other);

    public override readonly bool Equals(object? obj) => obj is Bytes66 other && Equals(other);

    public override readonly int GetHashCode() => FixedBytes.Hash(this);

    public override readonly string ToString() => FixedBytes.Hex(this);
}

/// <summary>96 public bytes: an x-only key and a signature under it.</summary>
[InlineArray(96)]
public struct Bytes96 : IFixedBytes<Bytes96>
{
    private byte _element0;

    public static int Length => 96;

    /// <summary>A view of the bytes; valid as long as the variable it was taken from.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AsSpan() => FixedBytes.View(in this);

    public static bool operator ==(Bytes96 left, Bytes96 right) => FixedBytes.Same(left, right);

    public static bool operator !=(Bytes96 left, Bytes96 right) => !FixedBytes.Same(left, right);

    public readonly bool Equals(Bytes96 other) => FixedBytes.Same(this, other);

    public override readonly bool Equals(object? obj) => obj is Bytes96 other && Equals(other);

    public override readonly int GetHashCode() => FixedBytes.Hash(this);

    public override readonly string ToString() => FixedBytes.Hex(this);
}
