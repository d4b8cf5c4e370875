using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>One key-value pair; the key is its type, a compact size, and the key data behind it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct PsbtEntry(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
{
    public ReadOnlySpan<byte> Key => key.Span;

    public ReadOnlySpan<byte> Value => value.Span;

    public ulong Type
    {
        get
        {
            ByteReader reader = new(Key);
            return reader.TryReadCompactSize(out ulong type) ? type : throw new InvalidOperationException("A key without a type was let in.");
        }
    }

    public ReadOnlySpan<byte> KeyData
    {
        get
        {
            ByteReader reader = new(Key);
            reader.TryReadCompactSize(out _);
            return Key[reader.Position..];
        }
    }
}

/// <summary>
/// One immutable map of a PSBT, in the order in which it was read, unknown pairs included. Pairs are slices of the file, so a hostile map of
/// tiny pairs costs a small multiple of its own size.
/// </summary>
internal sealed class PsbtMap
{
    private readonly PsbtEntry[] _entries;

    private PsbtMap(PsbtEntry[] entries) => _entries = entries;

    public static PsbtMap Empty { get; } = new([]);

    public IReadOnlyList<PsbtEntry> Entries => _entries;

    /// <summary>Reads pairs up to and including the separator; <paramref name="file"/> is what the reader reads.</summary>
    public static bool TryRead(
        ref ByteReader reader, ReadOnlyMemory<byte> file, string name, [NotNullWhen(true)] out PsbtMap? map, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        map = null;
        List<PsbtEntry> entries = [];
        while (true)
        {
            int start = reader.Position;
            if (!reader.TryReadVariableBytes(out ReadOnlySpan<byte> key))
            {
                refusal = Unreadable(reader, name, start);
                return false;
            }

            if (key.IsEmpty)
            {
                break;
            }

            ReadOnlyMemory<byte> keySlice = file[(reader.Position - key.Length)..reader.Position];
            if (!new ByteReader(key).TryReadCompactSize(out _))
            {
                refusal = new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The key at byte {start} ({name}) has no readable type.");
                return false;
            }

            if (!reader.TryReadVariableBytes(out ReadOnlySpan<byte> value))
            {
                refusal = Unreadable(reader, name, start);
                return false;
            }

            entries.Add(new PsbtEntry(keySlice, file[(reader.Position - value.Length)..reader.Position]));
        }

        map = new PsbtMap([.. entries]);
        refusal = map.FindDuplicate(name);
        return refusal is null;
    }

    /// <summary>The value of the only key of this type that has no key data.</summary>
    public bool TryGet(ulong type, out ReadOnlySpan<byte> value)
    {
        foreach (PsbtEntry entry in _entries)
        {
            if (entry.Type == type && entry.KeyData.IsEmpty)
            {
                value = entry.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The pair of a type whose key has this data.</summary>
    public bool TryGet(ulong type, ReadOnlySpan<byte> keyData, out PsbtEntry found)
    {
        foreach (PsbtEntry entry in _entries)
        {
            if (entry.Type == type && entry.KeyData.SequenceEqual(keyData))
            {
                found = entry;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>The pair of a type that is there only once, whatever its key's data.</summary>
    public bool TryGetOnly(ulong type, out PsbtEntry found)
    {
        PsbtEntry[] all = [.. _entries.Where(entry => entry.Type == type)];
        found = all.Length == 1 ? all[0] : default;
        return all.Length == 1;
    }

    /// <summary>The value of 32 bytes of a type without key data; null where there is none.</summary>
    public Bytes32? Bytes32Of(ulong type) =>
        TryGet(type, out ReadOnlySpan<byte> value) && value.Length == 32 ? FixedBytes.From<Bytes32>(value) : null;

    /// <summary>The 32-bit value of a type without key data; null where there is none of that size.</summary>
    public uint? UInt32(ulong type) =>
        TryGet(type, out ReadOnlySpan<byte> value) && value.Length == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(value) : null;

    /// <summary>Sets the value of a type without key data, in place or before the first greater key.</summary>
    public PsbtMap With(ulong type, ReadOnlySpan<byte> value) => With(type, keyData: default, value);

    /// <summary>As the other, for a type with key data.</summary>
    public PsbtMap With(ulong type, ReadOnlySpan<byte> keyData, ReadOnlySpan<byte> value)
    {
        ByteWriter key = new();
        key.WriteCompactSize(type);
        key.WriteBytes(keyData);
        PsbtEntry added = new(key.ToArray(), value.ToArray());
        int place = 0;
        while (place < _entries.Length && _entries[place].Key.SequenceCompareTo(added.Key) < 0)
        {
            place++;
        }

        return new PsbtMap([.. _entries[..place].Where(IsOther), added, .. _entries[place..].Where(IsOther)]);

        bool IsOther(PsbtEntry entry) => !entry.Key.SequenceEqual(added.Key);
    }

    /// <summary>Keeps the pairs whose type is accepted.</summary>
    public PsbtMap Where(Func<ulong, bool> accepts) => new([.. _entries.Where(entry => accepts(entry.Type))]);

    public void Write(ByteWriter writer)
    {
        foreach (PsbtEntry entry in _entries)
        {
            writer.WriteVariableBytes(entry.Key);
            writer.WriteVariableBytes(entry.Value);
        }

        writer.WriteByte(0);
    }

    private static BitcoinRefusal Unreadable(in ByteReader reader, string name, int start) => reader.IsTruncated
        ? new BitcoinRefusal(RefusalCodes.PsbtTruncated, $"The PSBT ends within the pair at byte {start} ({name}).")
        : new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The pair at byte {start} ({name}) has a length that is not the shortest compact size.");

    private BitcoinRefusal? FindDuplicate(string name)
    {
        PsbtEntry[] sorted = [.. _entries];
        Array.Sort(sorted, static (left, right) => left.Key.SequenceCompareTo(right.Key));
        for (int index = 1; index < sorted.Length; index++)
        {
            if (sorted[index].Key.SequenceEqual(sorted[index - 1].Key))
            {
                return new BitcoinRefusal(RefusalCodes.PsbtDuplicateKey, $"A map ({name}) has a key of type 0x{sorted[index].Type:x2} twice.");
            }
        }

        return null;
    }
}
