using System.Collections.Immutable;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// A Merkle tree over hashes that only grows, shaped as RFC 6962 shapes it, with tagged hashes (BIP-0340) for leaves and nodes. Immutable; adding, the root and
/// a proof cost as much as the logarithm of its size. Leaves stand in blocks: inside a whole one the nodes are made when a proof first asks for them, so that a
/// log that is restored costs little more than reading its leaves.
/// </summary>
public sealed class MerkleLog
{
    /// <summary>Leaves of a block; a power of two.</summary>
    internal const int BlockLength = 1 << BlockLevel;

    private const int BlockLevel = 12;
    private static readonly TaggedHash _leaf = new("SignerCluster/guardian/leaf/v1");
    private static readonly TaggedHash _node = new("SignerCluster/guardian/node/v1");

    private readonly ImmutableList<Block> _blocks;

    // Over the roots of the blocks.
    private readonly Nodes _upper;

    // Over the leaves of the block that is not whole yet.
    private readonly Nodes _open;

    private MerkleLog(ImmutableList<Block> blocks, Nodes upper, Nodes open) => (_blocks, _upper, _open) = (blocks, upper, open);

    public static MerkleLog Empty { get; } = new([], Nodes.None, Nodes.None);

    public long Count => ((long)_blocks.Count << BlockLevel) + _open.Leaves.Count;

    /// <summary>32 bytes; of an empty log zeros.</summary>
    public Bytes32 Root => RootAt(Count);

    /// <summary>The root that it had when it had so many hashes. Throws <see cref="ArgumentOutOfRangeException"/> for more than it has.</summary>
    public Bytes32 RootAt(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        return count == 0 ? default : RootOf(0, count);
    }

    internal MerkleLog With(in Bytes32 hash) => WithLeaf(_leaf.Compute(hash.AsSpan()));

    /// <summary>The leaves from an index on, 32 bytes each, and the roots of the blocks that are whole and end after it.</summary>
    internal (byte[] Leaves, byte[] Roots) Slice(long from, long to)
    {
        byte[] leaves = new byte[(to - from) * Bytes32.Length];
        for (long index = from; index < to; index++)
        {
            LeafAt(index).AsSpan().CopyTo(leaves.AsSpan((int)(index - from) * Bytes32.Length));
        }

        return (leaves, [.. _blocks.Skip((int)(from >> BlockLevel)).Take((int)((to >> BlockLevel) - (from >> BlockLevel)))
            .SelectMany(static block => block.Root.AsSpan().ToArray())]);
    }

    /// <summary>The log of these leaves. Throws <see cref="ArgumentException"/> where there is not one root a whole block.</summary>
    internal static MerkleLog Restore(ReadOnlySpan<Bytes32> leaves, ReadOnlySpan<Bytes32> roots)
    {
        if (roots.Length != leaves.Length >> BlockLevel)
        {
            throw new ArgumentException("There is not one root a whole block.", nameof(roots));
        }

        ImmutableList<Block>.Builder blocks = ImmutableList.CreateBuilder<Block>();
        Nodes upper = Nodes.None;
        for (int index = 0; index < roots.Length; index++)
        {
            blocks.Add(new Block(leaves.Slice(index << BlockLevel, BlockLength).ToArray(), roots[index]));
            upper = upper.With(roots[index]);
        }

        MerkleLog log = new(blocks.ToImmutable(), upper, Nodes.None);
        foreach (ref readonly Bytes32 leaf in leaves[(roots.Length << BlockLevel)..])
        {
            log = log.WithLeaf(leaf);
        }

        return log;
    }

    private MerkleLog WithLeaf(in Bytes32 leaf)
    {
        Nodes open = _open.With(leaf);
        return open.Leaves.Count < BlockLength
            ? new MerkleLog(_blocks, _upper, open)
            : new MerkleLog(_blocks.Add(new Block([.. open.Leaves], open.At(BlockLevel, 0))), _upper.With(open.At(BlockLevel, 0)), Nodes.None);
    }

    private Bytes32 LeafAt(long index) => NodeAt(0, index);

    private Bytes32 NodeAt(int level, long index)
    {
        if (level >= BlockLevel)
        {
            return _upper.At(level - BlockLevel, index);
        }

        int block = (int)(index >> (BlockLevel - level));
        long within = index - ((long)block << (BlockLevel - level));
        return block < _blocks.Count ? _blocks[block].At(level, within) : _open.At(level, within);
    }

    /// <summary>The siblings from a leaf up to the root, the lowest first.</summary>
    internal IReadOnlyList<Bytes32> PathOf(long index)
    {
        List<Bytes32> path = [];
        (long start, long count) = (0, Count);
        while (count > 1)
        {
            long half = HalfOf(count);
            bool isLeft = index - start < half;
            path.Add(isLeft ? RootOf(start + half, count - half) : RootOf(start, half));
            (start, count) = isLeft ? (start, half) : (start + half, count - half);
        }

        path.Reverse();
        return path;
    }

    /// <summary>Is the hash number <paramref name="index"/> of the log of this size and root? False for any path that is not exactly the one.</summary>
    public static bool Verify(in Bytes32 hash, long index, long count, IReadOnlyList<Bytes32> path, in Bytes32 root)
    {
        if (index < 0 || index >= count)
        {
            return false;
        }

        List<bool> isLeft = [];
        for ((long start, long left) = (index, count); left > 1;)
        {
            long half = HalfOf(left);
            isLeft.Add(start < half);
            (start, left) = start < half ? (start, half) : (start - half, left - half);
        }

        isLeft.Reverse();
        Bytes32 found = _leaf.Compute(hash.AsSpan());
        for (int step = 0; step < isLeft.Count && step < path.Count; step++)
        {
            found = isLeft[step] ? Join(found, path[step]) : Join(path[step], found);
        }

        return path.Count == isLeft.Count && found == root;
    }

    private Bytes32 RootOf(long start, long count)
    {
        if (long.IsPow2(count) && start % count == 0)
        {
            return NodeAt((int)long.Log2(count), start / count);
        }

        long half = HalfOf(count);
        return Join(RootOf(start, half), RootOf(start + half, count - half));
    }

    /// <summary>The greatest power of two below a count of two or more.</summary>
    private static long HalfOf(long count) => 1L << (int)long.Log2(count - 1);

    private static Bytes32 Join(in Bytes32 left, in Bytes32 right)
    {
        Span<byte> both = stackalloc byte[2 * Bytes32.Length];
        left.AsSpan().CopyTo(both);
        right.AsSpan().CopyTo(both[Bytes32.Length..]);
        return _node.Compute(both);
    }

    /// <summary>The roots of all whole subtrees of 2^level leaves, by level.</summary>
    private sealed class Nodes(ImmutableArray<ImmutableList<Bytes32>> levels)
    {
        internal static Nodes None { get; } = new([]);

        internal ImmutableList<Bytes32> Leaves => levels.IsEmpty ? [] : levels[0];

        internal Bytes32 At(int level, long index) => levels[level][(int)index];

        internal Nodes With(Bytes32 root)
        {
            ImmutableArray<ImmutableList<Bytes32>>.Builder grown = levels.ToBuilder();
            for (int level = 0; ; level++)
            {
                if (level == grown.Count)
                {
                    grown.Add([]);
                }

                grown[level] = grown[level].Add(root);
                if (grown[level].Count % 2 == 1)
                {
                    return new Nodes(grown.ToImmutable());
                }

                root = Join(grown[level][^2], root);
            }
        }
    }

    /// <summary>A whole block.</summary>
    private sealed class Block(Bytes32[] leaves, Bytes32 root)
    {
        // By level, from the leaves up; made once by whoever needs it first.
        private Bytes32[][]? _levels;

        internal Bytes32 Root => root;

        internal Bytes32 At(int level, long index) => level == 0 ? leaves[index] : (_levels ??= MakeLevels())[level][index];

        private Bytes32[][] MakeLevels()
        {
            Bytes32[][] made = new Bytes32[BlockLevel][];
            made[0] = leaves;
            for (int level = 1; level < BlockLevel; level++)
            {
                Bytes32[] below = made[level - 1];
                made[level] = new Bytes32[below.Length / 2];
                for (int index = 0; index < made[level].Length; index++)
                {
                    made[level][index] = Join(below[2 * index], below[(2 * index) + 1]);
                }
            }

            return made;
        }
    }
}

/// <summary>Proof that a record is in a guardian's chain, which had so many records and this root when it was made.</summary>
/// <param name="Size">Records of the chain.</param>
/// <param name="Root">32 bytes.</param>
/// <param name="Path">At most 63 hashes.</param>
public sealed record RecordProof(long Size, Bytes32 Root, IReadOnlyList<Bytes32> Path)
{
    /// <summary>Is the record in the chain?</summary>
    public bool Proves(GuardianRecord record) => MerkleLog.Verify(record.ComputeHash(), record.Position, Size, Path, Root);
}
