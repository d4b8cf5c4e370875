using System.Collections.Immutable;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// A Merkle tree over hashes that only grows, shaped as RFC 6962 shapes it, with tagged hashes (BIP-0340) for leaves and nodes. Immutable; adding, the root and
/// a proof cost as much as the logarithm of its size.
/// </summary>
public sealed class MerkleLog
{
    private static readonly TaggedHash _leaf = new("SignerCluster/guardian/leaf/v1");
    private static readonly TaggedHash _node = new("SignerCluster/guardian/node/v1");

    // The roots of all whole subtrees of 2^level leaves, by level.
    private readonly ImmutableArray<ImmutableList<Bytes32>> _levels;

    private MerkleLog(ImmutableArray<ImmutableList<Bytes32>> levels) => _levels = levels;

    public static MerkleLog Empty { get; } = new([]);

    public long Count => _levels.IsEmpty ? 0 : _levels[0].Count;

    /// <summary>32 bytes; of an empty log zeros.</summary>
    public Bytes32 Root => RootAt(Count);

    /// <summary>The root that it had when it had so many hashes. Throws <see cref="ArgumentOutOfRangeException"/> for more than it has.</summary>
    public Bytes32 RootAt(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        return count == 0 ? default : RootOf(0, count);
    }

    internal MerkleLog With(in Bytes32 hash)
    {
        ImmutableArray<ImmutableList<Bytes32>>.Builder levels = _levels.ToBuilder();
        Bytes32 root = _leaf.Compute(hash.AsSpan());
        for (int level = 0; ; level++)
        {
            if (level == levels.Count)
            {
                levels.Add([]);
            }

            levels[level] = levels[level].Add(root);
            if (levels[level].Count % 2 == 1)
            {
                return new MerkleLog(levels.ToImmutable());
            }

            root = Join(levels[level][^2], root);
        }
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
            return _levels[(int)long.Log2(count)][(int)(start / count)];
        }

        long half = HalfOf(count);
        return Join(RootOf(start, half), RootOf(start + half, count - half));
    }

    /// <summary>The greatest power of two below a count of two or more.</summary>
    private static long HalfOf(long count) => 1L << (int)long.Log2(count - 1);

    private static Bytes32 Join(in Bytes32 left, in Bytes32 right) => _node.Compute([.. left.AsSpan(), .. right.AsSpan()]);
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
