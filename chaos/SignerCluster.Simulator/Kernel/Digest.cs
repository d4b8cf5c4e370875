using System.Buffers.Binary;

namespace SignerCluster.Simulator.Kernel;

/// <summary>
/// A running hash of everything that happened, in order: two runs with one digest did the same. Takes nothing that differs between processes,
/// such as a writer's id. Detects accidents, not adversaries.
/// </summary>
internal sealed class Digest
{
    private const ulong Prime = 0x100000001B3;
    private const ulong Offset = 0xCBF29CE484222325;

    internal ulong Value { get; private set; } = Offset;

    internal static ulong Of(string text)
    {
        ulong hash = Offset;
        foreach (char c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }

    internal void Add(ulong value)
    {
        ulong mixed = (Value ^ value) * Prime;
        Value = mixed ^ (mixed >> 29);
    }

    internal void Add(string text) => Add(Of(text));

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte rest in bytes)
        {
            Add(rest);
        }
    }
}
