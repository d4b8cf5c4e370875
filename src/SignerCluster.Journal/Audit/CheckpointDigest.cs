using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Audit;

/// <summary>Makes the checkpoint of a journal, row after row in the order of their commits, and holds it against an earlier one on the way.</summary>
internal sealed class CheckpointDigest(JournalCheckpoint? known) : IDisposable
{
    private readonly IncrementalHash _hash = Begin();
    private long _lastOrdering;
    private long _rows;

    /// <summary>The journal at the earlier checkpoint's place; null while it did not come there.</summary>
    private JournalCheckpoint? _there;

    internal JournalCheckpoint Current => new(_lastOrdering, _rows, FixedBytes.From<Bytes32>(_hash.GetCurrentHash()));

    /// <param name="digest">SHA-256 of the row's plain message.</param>
    internal void Add(in StoredRow stored, in Bytes32 digest)
    {
        NoteArrival(stored.Row.Ordering);
        Span<byte> number = stackalloc byte[8];
        AddText(stored.PersistenceId);
        BinaryPrimitives.WriteInt64BigEndian(number, stored.Row.SequenceNumber);
        _hash.AppendData(number);
        AddText(stored.Row.Manifest);
        _hash.AppendData(digest.AsSpan());
        (_lastOrdering, _rows) = (stored.Row.Ordering, _rows + 1);
    }

    /// <summary>A row of which nobody can tell what it said. It counts, so that the digest is not that of the whole journal.</summary>
    internal void Skip(in StoredRow stored)
    {
        NoteArrival(stored.Row.Ordering);
        (_lastOrdering, _rows) = (stored.Row.Ordering, _rows + 1);
    }

    /// <summary>What the earlier checkpoint says against the journal; null for nothing. After the last row.</summary>
    internal AuditFinding? Compare()
    {
        NoteArrival(long.MaxValue);
        return known switch
        {
            null => null,
            { Rows: 0 } => null,
            _ when _lastOrdering < known.LastOrdering => new AuditFinding(
                string.Empty,
                null,
                AuditReason.RolledBack,
                $"The journal ends at ordering {_lastOrdering}; the checkpoint was taken at {known.LastOrdering}. An older copy was put in its place."),
            _ when _there != known => new AuditFinding(
                string.Empty,
                null,
                AuditReason.Diverged,
                $"Up to ordering {known.LastOrdering} the journal does not hold what it held when the checkpoint was taken."),
            _ => null,
        };
    }

    public void Dispose() => _hash.Dispose();

    private static IncrementalHash Begin()
    {
        IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("SignerCluster/journal-checkpoint/v1"u8);
        return hash;
    }

    private void NoteArrival(long next)
    {
        if (_there is null && known is not null && next > known.LastOrdering)
        {
            _there = Current;
        }
    }

    private void AddText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
    }
}
