using SignerCluster.Actors;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Participants;

/// <summary>
/// One operator's side of a node: its journal, its nonces, and the entities of its seats' sessions. Disposing wipes every nonce.
/// </summary>
public sealed class Participant : IDisposable
{
    private readonly IJournal _journal;
    private readonly NonceVault _vault;
    private readonly SeatKeeper _keeper;
    private readonly Func<GroupId, Standing> _standing;
    private readonly Quarantine _quarantine;
    private readonly TimeProvider _time;
    private readonly SessionExpiry _expiry;

    /// <param name="engine">Looked up at first use, because the engine is made from the entities that this makes.</param>
    public Participant(
        IJournal journal,
        Func<GroupId, SeatId, SecretShare?> shares,
        Func<GroupId, Standing> standing,
        Func<IEngine> engine,
        ParticipantSettings settings,
        Quarantine quarantine,
        Entropy entropy,
        TimeProvider time)
    {
        _journal = journal;
        _standing = standing;
        _quarantine = quarantine;
        _time = time;
        _vault = new NonceVault(settings.Nonces, time);
        _keeper = new SeatKeeper(_vault, shares, entropy);
        byte[] expire = Message.Encode([new SeatRequest.Abort(AbortReason.Expired)], WireJson.Default.IReadOnlyListSeatRequest);
        _expiry = new SessionExpiry(settings.SessionExpiry, time, id => engine().AskAsync(id, expire, CancellationToken.None).AsTask());
    }

    /// <summary>Secret nonces held now.</summary>
    public int NoncesHeld => _vault.Count;

    /// <summary>Makes the activation of a seat's session.</summary>
    public IEntity Activate(EntityId id) =>
        new NotedEntity(id, new SeatEntity(EntityAddress.ToSeat(id), _journal, _vault, _keeper, _standing, _quarantine, _time), _expiry);

    /// <summary>Lets sessions that were open when the process stopped expire too. Returns how many.</summary>
    public async ValueTask<int> NoteOpenAsync(CancellationToken cancellation)
    {
        int open = 0;
        await foreach ((EntityId id, _) in _journal.ListOpenAsync(EntityKind.SigningSession, cancellation))
        {
            _expiry.Note(id, isOpen: true);
            open++;
        }

        return open;
    }

    public void Dispose()
    {
        _expiry.Dispose();
        _vault.Dispose();
    }
}

/// <summary>Limits of a participant.</summary>
public sealed record ParticipantSettings
{
    public NonceVaultSettings Nonces { get; init; } = new();

    /// <summary>How long a session may stay open before the participant ends it for good.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromHours(24);
}
