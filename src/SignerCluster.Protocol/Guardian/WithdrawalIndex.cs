using System.Collections.Immutable;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// Every withdrawal ever accepted, by id, by transaction and by number. Nothing is ever taken out (A8). What came from checkpoints stays in their pages, what
/// came after is beside it.
/// </summary>
public sealed class WithdrawalIndex
{
    private readonly WithdrawalArchive _archive;
    private readonly ImmutableDictionary<SessionId, KnownWithdrawal> _byId;
    private readonly ImmutableDictionary<Bytes32, SessionId> _byTxid;
    private readonly ImmutableList<SessionId> _bySequence;

    private WithdrawalIndex(
        WithdrawalArchive archive,
        ImmutableDictionary<SessionId, KnownWithdrawal> byId,
        ImmutableDictionary<Bytes32, SessionId> byTxid,
        ImmutableList<SessionId> bySequence) => (_archive, _byId, _byTxid, _bySequence) = (archive, byId, byTxid, bySequence);

    public int Count => _archive.Count + _bySequence.Count;

    internal static WithdrawalIndex Empty { get; } = Of(WithdrawalArchive.Empty);

    internal static WithdrawalIndex Of(WithdrawalArchive archive) => new(
        archive,
        ImmutableDictionary<SessionId, KnownWithdrawal>.Empty,
        ImmutableDictionary<Bytes32, SessionId>.Empty,
        ImmutableList<SessionId>.Empty);

    public KnownWithdrawal? Find(SessionId id) => _byId.GetValueOrDefault(id) ?? _archive.Find(id);

    internal SessionId? IdOf(Bytes32 txid) => _byTxid.TryGetValue(txid, out SessionId id) ? id : _archive.IdOf(txid);

    internal IReadOnlyList<GuardianRecord.WithdrawalAccepted> List(ulong from, int limit) =>
        from >= (ulong)Count ? [] : [.. From((int)from).Take(limit).Select(static known => known.Record)];

    /// <summary>In their order, from a number on.</summary>
    internal IEnumerable<KnownWithdrawal> From(int number)
    {
        for (; number < Count; number++)
        {
            yield return number < _archive.Count ? _archive.At(number) : _byId[_bySequence[number - _archive.Count]];
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> for an id or a transaction that it has already: such a history was never written by us.</summary>
    internal WithdrawalIndex With(KnownWithdrawal withdrawal) =>
        _archive.Find(withdrawal.Record.Id) is null && _archive.IdOf(withdrawal.Record.Txid) is null
            ? new WithdrawalIndex(
                _archive,
                _byId.Add(withdrawal.Record.Id, withdrawal),
                _byTxid.Add(withdrawal.Record.Txid, withdrawal.Record.Id),
                _bySequence.Add(withdrawal.Record.Id))
            : throw new ArgumentException("This withdrawal is there already.", nameof(withdrawal));
}
