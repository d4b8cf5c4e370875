using System.Runtime.InteropServices;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// A piece of where a guardian stood when its history had so many rows: with all checkpoints before it, everything that a replay of these rows gives. A short
/// way, never the truth: it is made from durable rows and can be made anew from them.
/// </summary>
/// <param name="Row">The last row of the guardian's history that it counts in.</param>
/// <param name="Position">The piece ends before this record of the chain.</param>
/// <param name="Leaves">Of the tree over the chain: 32 bytes for each record of the piece.</param>
/// <param name="Roots">32 bytes for each block of the tree that becomes whole in the piece.</param>
/// <param name="Withdrawals">The withdrawals among its records, as <see cref="WithdrawalPage"/> writes them.</param>
public sealed record GuardianCheckpoint(
    long Row,
    long Position,
    Bytes32 Head,
    ulong LastAt,
    GuardianRules? Rules,
    Loosening? Announced,
    Limiter? Limiter,
    string? FrozenBecause,
    string? StoppedBecause,
    DaySpending Spent,
    ByteString Leaves,
    ByteString Roots,
    ByteString Withdrawals)
{
    /// <summary>The most records in one piece.</summary>
    internal const int MaximumRecords = 4 * MerkleLog.BlockLength;

    /// <summary>What has come since earlier checkpoints, in pieces that all tell of the same row; none when the chain has not grown.</summary>
    public static IReadOnlyList<GuardianCheckpoint> Take(GuardianState state, long row, CheckpointMark since)
    {
        List<GuardianCheckpoint> pieces = [];
        Queue<KnownWithdrawal> withdrawals = new(state.Withdrawals.From(since.Withdrawals));
        for (long from = since.Position; from < state.Position; from = pieces[^1].Position)
        {
            long to = Math.Min(from + MaximumRecords, state.Position);
            List<KnownWithdrawal> among = [];
            while (withdrawals.TryPeek(out KnownWithdrawal? next) && next.Record.Position < to)
            {
                among.Add(withdrawals.Dequeue());
            }

            (byte[] leaves, byte[] roots) = state.Log.Slice(from, to);
            pieces.Add(new GuardianCheckpoint(
                row,
                to,
                state.Head,
                state.LastAt,
                state.Rules,
                state.Announced,
                state.Limiter,
                state.FrozenBecause,
                state.StoppedBecause,
                state.Spent,
                ByteString.From(leaves),
                ByteString.From(roots),
                ByteString.From(WithdrawalPage.Write(among))));
        }

        return pieces;
    }

    /// <summary>
    /// Where the guardian stood at the last piece's row. Throws <see cref="ArgumentException"/> for pieces that are not one another's, which were never written
    /// by us. At least one piece.
    /// </summary>
    public static GuardianState Restore(IReadOnlyList<GuardianCheckpoint> pieces)
    {
        GuardianCheckpoint last = pieces[^1];
        for (int index = 0; index < pieces.Count; index++)
        {
            long records = pieces[index].Position - (index == 0 ? 0 : pieces[index - 1].Position);
            if (pieces[index].Leaves.AsSpan().Length != records * Bytes32.Length)
            {
                throw new ArgumentException($"Piece {index} does not follow the one before it.", nameof(pieces));
            }
        }

        MerkleLog log = MerkleLog.Restore(Join(pieces, static piece => piece.Leaves), Join(pieces, static piece => piece.Roots));
        WithdrawalIndex withdrawals = WithdrawalIndex.Of(WithdrawalArchive.Of(pieces.Select(static piece => piece.Withdrawals.AsMemory())));
        return log.Count == last.Position && (ulong)withdrawals.Count == (last.Limiter?.NextSequence ?? 0)
            ? new GuardianState(
                last.Rules,
                last.Announced,
                last.Limiter,
                last.Head,
                last.Position,
                last.LastAt,
                last.FrozenBecause,
                last.StoppedBecause,
                withdrawals,
                log,
                last.Spent)
            : throw new ArgumentException(
                $"The pieces have {log.Count} records and {withdrawals.Count} withdrawals, and the last one tells of others.", nameof(pieces));
    }

    private static ReadOnlySpan<Bytes32> Join(IReadOnlyList<GuardianCheckpoint> pieces, Func<GuardianCheckpoint, ByteString> part)
    {
        byte[] all = new byte[pieces.Sum(piece => part(piece).AsSpan().Length)];
        Span<byte> rest = all;
        foreach (GuardianCheckpoint piece in pieces)
        {
            part(piece).AsSpan().CopyTo(rest);
            rest = rest[part(piece).AsSpan().Length..];
        }

        return all.Length % Bytes32.Length == 0
            ? MemoryMarshal.Cast<byte, Bytes32>(all)
            : throw new ArgumentException("A hash is cut.", nameof(pieces));
    }
}

/// <summary>A guardian as its activation gives it to be kept, or as it is restored.</summary>
/// <param name="Mark">What earlier checkpoints hold when it is given; what all hold when it is restored.</param>
public sealed record CheckpointedGuardian(GuardianState State, CheckpointMark Mark);

/// <summary>What earlier checkpoints of a guardian hold already.</summary>
/// <param name="Pieces">How many there are.</param>
/// <param name="Position">Of the first record that they do not hold.</param>
/// <param name="Withdrawals">How many withdrawals they hold.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CheckpointMark(int Pieces, long Position, int Withdrawals)
{
    /// <summary>After pieces that lead to this state.</summary>
    public static CheckpointMark At(GuardianState state, int pieces) => new(pieces, state.Position, state.Withdrawals.Count);

    /// <summary>After the pieces that <see cref="GuardianCheckpoint.Take"/> makes of a state.</summary>
    public CheckpointMark With(GuardianState state) => At(state, Pieces + (int)long.DivRem(
        state.Position - Position + GuardianCheckpoint.MaximumRecords - 1, GuardianCheckpoint.MaximumRecords).Quotient);
}
