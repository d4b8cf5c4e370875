using System.Numerics;
using System.Text;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// The withdrawals of checkpoints, found by id, by transaction and by number in the pages as they were stored: an entry becomes an object only when somebody
/// asks for it. Never changes.
/// </summary>
internal sealed class WithdrawalArchive
{
    private readonly ReadOnlyMemory<byte>[] _entries;

    // Open addressing: the number of a withdrawal and one, or zero for an empty slot.
    private readonly int[] _byId;
    private readonly int[] _byTxid;
    private readonly ulong[] _spentBefore;

    private WithdrawalArchive(ReadOnlyMemory<byte>[] entries)
    {
        _entries = entries;
        int slots = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * entries.Length, 2));
        (_byId, _byTxid, _spentBefore) = (new int[slots], new int[slots], new ulong[entries.Length]);
        DaySpending spent = default;
        for (int number = 0; number < entries.Length; number++)
        {
            ReadOnlySpan<byte> entry = entries[number].Span;
            bool hasId = Slot(_byId, WithdrawalPage.IdOf(entry), WithdrawalPage.IdOf, out int byId);
            bool hasTxid = Slot(_byTxid, WithdrawalPage.TxidOf(entry), WithdrawalPage.TxidOf, out int byTxid);
            if (hasId || hasTxid)
            {
                throw new ArgumentException($"Withdrawal {number} has an id or a transaction that an earlier one has.", nameof(entries));
            }

            (_byId[byId], _byTxid[byTxid]) = (number + 1, number + 1);
            (ulong at, ulong debit) = WithdrawalPage.SpendingOf(entry);
            _spentBefore[number] = spent.On(at);
            spent = spent.With(at, debit);
        }
    }

    private delegate ReadOnlySpan<byte> Key(ReadOnlySpan<byte> entry);

    internal static WithdrawalArchive Empty { get; } = new([]);

    internal int Count => _entries.Length;

    /// <summary>Throws <see cref="ArgumentException"/> for a page that is cut, and for what is there twice.</summary>
    internal static WithdrawalArchive Of(IEnumerable<ReadOnlyMemory<byte>> pages)
    {
        List<ReadOnlyMemory<byte>> entries = [];
        foreach (ReadOnlyMemory<byte> page in pages)
        {
            for (ReadOnlyMemory<byte> rest = page; !rest.IsEmpty;)
            {
                int length = WithdrawalPage.LengthOf(rest.Span);
                entries.Add(rest[..length]);
                rest = rest[length..];
            }
        }

        return new WithdrawalArchive([.. entries]);
    }

    internal KnownWithdrawal? Find(SessionId id) =>
        Slot(_byId, Encoding.ASCII.GetBytes(id.ToString()), WithdrawalPage.IdOf, out int slot) ? At(_byId[slot] - 1) : null;

    internal SessionId? IdOf(in Bytes32 txid) => Slot(_byTxid, txid.AsSpan(), WithdrawalPage.TxidOf, out int slot) ? At(_byTxid[slot] - 1).Record.Id : null;

    internal KnownWithdrawal At(int number) => WithdrawalPage.Read(_entries[number].Span, (ulong)number) with { SpentBefore = _spentBefore[number] };

    /// <summary>Is the key there? The slot where it stands, or where it would.</summary>
    private bool Slot(int[] slots, ReadOnlySpan<byte> key, Key keyOf, out int slot)
    {
        // Seeded anew in every process, so that nobody can choose ids that all fall into one place.
        HashCode hash = default;
        hash.AddBytes(key);
        for (slot = hash.ToHashCode() & (slots.Length - 1); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
        {
            if (keyOf(_entries[slots[slot] - 1].Span).SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }
}
