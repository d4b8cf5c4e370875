using Microsoft.Extensions.Logging;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// Keeps the open data keys of one journal: opens them at start, draws new ones, and keeps what is sealed under old ones on the move to the active
/// one. The provider of the key-encryption key is called at start, at rotations and re-wraps, and when another process over the same store has
/// rotated; never while anything is locked, and never by an append of a process that knows the active key.
/// </summary>
public sealed partial class KeyKeeper : IAsyncDisposable
{
    private readonly RingClient _ring;
    private readonly KeyKeeperSettings _settings;
    private readonly Entropy _entropy;
    private readonly ILogger<KeyKeeper> _log;
    private readonly Resealing _resealing;
    private readonly KeyUpkeep? _upkeep;
    private volatile IKeyProvider _provider;
    private Task? _reserving;
    private volatile KeyRingState? _latest;

    private KeyKeeper(KeyKeeperParts parts, RingClient ring, bool isLooking)
    {
        (Store, _ring) = (parts.Store, ring);
        (_settings, _entropy) = (parts.Settings, parts.Entropy);
        _log = parts.Logs.CreateLogger<KeyKeeper>();
        _provider = parts.Provider;
        Sealed = new SealedJournal(parts.Store, this, parts.Entropy);
        Journal = new MeasuredJournal(Sealed, parts.Time);
        _resealing = new Resealing(parts.Store, parts.Seats, Sealed, this, parts.Entropy);
        _upkeep = isLooking ? null : new KeyUpkeep(this, _resealing, parts.Settings, parts.Time, _log);
    }

    /// <summary>The journal that seals and opens on the way, and counts.</summary>
    public IJournal Journal { get; }

    /// <summary>The keys that are open.</summary>
    public DataKeys Keys { get; } = new();

    internal SealedJournal Sealed { get; }

    internal IJournalStore Store { get; }

    /// <summary>Should the active key be followed by another, because it has sealed a good part of what it may?</summary>
    internal bool IsRotationDue => _latest?.Active?.MessagesReserved >= _settings.MessagesPerKey / 4 * 3;

    /// <summary>Is so little left of the reservation that more should be reserved before an append has to wait for it?</summary>
    internal bool IsReservationDue => Keys.Active is { } active && active.Allowance < _settings.MessagesPerReservation / 4;

    /// <summary>
    /// Opens the ring of a store and fetches the key-encryption key once; a store without a ring gets its first key. Throws <see cref="KeyProviderException"/>
    /// and <see cref="JournalException"/>; nothing is half-done then.
    /// </summary>
    public static Task<KeyKeeper> OpenAsync(KeyKeeperParts parts) => OpenAsync(parts, isLooking: false);

    /// <summary>Opens the ring for reading only: nothing is written, and a store without a ring has no keys.</summary>
    public static Task<KeyKeeper> LookAsync(KeyKeeperParts parts) => OpenAsync(parts, isLooking: true);

    /// <summary>The ring as it is now.</summary>
    public ValueTask<KeyRingState> ShowAsync() => _ring.ShowAsync();

    /// <summary>
    /// Draws a new data key and makes it the active one; returns its epoch. Appends go on meanwhile and are sealed under whichever key is active when they are
    /// committed. What is sealed under the old key is re-sealed in the background.
    /// </summary>
    public async ValueTask<int> RotateAsync(CancellationToken cancellation)
    {
        using KeyEncryptionKey kek = await _provider.FetchAsync(cancellation);
        KeyRingState ring = _latest ?? await _ring.ShowAsync();
        while (true)
        {
            DataKey key = DataKey.Draw(ring.NextEpoch, _entropy);
            if (ring.Keys.Any(known => known.Id == key.Id))
            {
                key.Dispose();
                throw new KeyProviderException(
                    "key_repeated", "The source of randomness gave a key that it gave before. Nothing may be sealed with it.", isTransient: false);
            }

            // Ready before it can be active, so that an append that meets the new epoch finds its key without asking anybody.
            key.Grant(_settings.MessagesPerReservation);
            Keys.Add(key);
            KeyRingCommand.Rotate rotate = new(key.Epoch, key.Id, kek.Id, ByteString.From(kek.Wrap(key, _entropy)), _settings.MessagesPerReservation);
            (KeyRingState? rotated, Refusal? refusal) = await _ring.AskAsync(rotate);
            if (rotated is not null)
            {
                Keys.Activate(key);
                Note(rotated);
                LogRotated(key.Epoch);
                return key.Epoch;
            }

            Keys.Forget(key.Id);
            if (refusal!.Code != KeyRingRefusals.EpochTakenCode)
            {
                throw new KeyProviderException(refusal.Code, refusal.Message, isTransient: false);
            }

            ring = await _ring.ShowAsync();
        }
    }

    /// <summary>
    /// Puts the ring under another provider's key-encryption key. Data keys and rows stay as they are. Repeating it after a crash is safe.
    /// </summary>
    public async ValueTask RewrapAsync(IKeyProvider next, CancellationToken cancellation)
    {
        using KeyEncryptionKey to = await next.FetchAsync(cancellation);
        while (true)
        {
            KeyRingState ring = await _ring.ShowAsync();
            if (ring.WrappedUnder == to.Id)
            {
                break;
            }

            await OpenMissingAsync(ring, cancellation);
            // A key that was retired while the provider was waited for is open no more; the ring then says that these are not all.
            IEnumerable<DataKey> open = ring.Needed.Select(key => Keys.Find(key.Epoch, key.Id)).OfType<DataKey>();
            WrappedKey[] wrapped = [.. open.Select(key => new WrappedKey(key.Epoch, ByteString.From(to.Wrap(key, _entropy))))];
            (_, Refusal? refusal) = await _ring.AskAsync(new KeyRingCommand.Rewrap(ring.WrappedUnder!.Value, to.Id, wrapped));
            if (refusal is { Code: KeyRingRefusals.MismatchCode })
            {
                throw new KeyProviderException(refusal.Code, refusal.Message, isTransient: false);
            }
        }

        _provider = next;
    }

    /// <summary>Re-seals everything that stands under an earlier epoch, at once and to the end, and retires the keys that nothing needs any more.</summary>
    public ValueTask<ResealReport> ResealAsync(IProgress<long>? progress, CancellationToken cancellation) => _resealing.RunAsync(progress, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_upkeep is not null)
        {
            await _upkeep.DisposeAsync();
        }

        Keys.Dispose();
    }

    internal static JournalException Unavailable(KeyProviderException down) => new("key_unavailable", down.Message, down.IsTransient, down);

    /// <summary>The active key, with so many messages counted against its allowance.</summary>
    internal async ValueTask<DataKey> KeyForSealingAsync(int messages)
    {
        while (true)
        {
            if (Keys.Active is { } active && active.TryTake(messages))
            {
                return active;
            }

            await ReserveAsync(messages);
        }
    }

    /// <summary>Reserves further messages in the ring, once for all who wait for it.</summary>
    internal async ValueTask ReserveAsync(int messages)
    {
        TaskCompletionSource mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _reserving, mine.Task, null) is { } underWay)
        {
            await underWay.WaitAsync(CancellationToken.None);
            return;
        }

        try
        {
            await ReserveAsync(Keys.Active, messages);
        }
        finally
        {
            Volatile.Write(ref _reserving, null);
            mine.SetResult();
        }
    }

    /// <summary>Makes the active key of the ring the active one here. Calls the provider only for a key that another process drew.</summary>
    internal async ValueTask CatchUpAsync(int epoch, CancellationToken cancellation)
    {
        if (Keys.Active?.Epoch >= epoch)
        {
            return;
        }

        KeyRingState ring = await _ring.ShowAsync();
        await OpenMissingAsync(ring, cancellation);
        if (ring.Active is { } active && Keys.Find(active.Epoch, active.Id) is { } key)
        {
            Keys.Activate(key);
            Note(ring);
        }
    }

    /// <summary>Opens a key that the ring has and this process has not.</summary>
    internal async ValueTask OpenEpochAsync(int epoch, KeyId id, CancellationToken cancellation)
    {
        KeyRingState ring = await _ring.ShowAsync();
        if (ring.Find(epoch) is { } key && key.Id == id && key.Phase != KeyPhase.Retired)
        {
            await OpenMissingAsync(ring, cancellation);
        }
    }

    internal async ValueTask RetireAsync(int epoch, long neededBy)
    {
        (KeyRingState? ring, _) = await _ring.AskAsync(new KeyRingCommand.Retire(epoch, neededBy));
        if (ring?.Find(epoch) is { Phase: KeyPhase.Retired } retired)
        {
            Keys.Forget(retired.Id);
            LogRetired(epoch);
        }
    }

    private static async Task<KeyKeeper> OpenAsync(KeyKeeperParts parts, bool isLooking)
    {
        parts.Settings.ThrowIfInvalid();
        RingClient ring = new(parts.Ring);
        KeyKeeper keeper = new(parts, ring, isLooking);
        bool isOpen = false;
        try
        {
            KeyRingState state = await ring.ShowAsync();
            if (state.Active is null && !isLooking)
            {
                await keeper.RotateAsync(CancellationToken.None);
            }
            else if (state.Active is not null)
            {
                await keeper.CatchUpAsync(state.Active.Epoch, CancellationToken.None);
            }

            keeper._upkeep?.Start();
            isOpen = true;
            return keeper;
        }
        finally
        {
            if (!isOpen)
            {
                await keeper.DisposeAsync();
            }
        }
    }

    /// <summary>Remembers a ring that was seen; what is decided by it is decided again by the ring itself.</summary>
    private void Note(KeyRingState ring) => _latest = ring;

    private async ValueTask ReserveAsync(DataKey? active, int messages)
    {
        long count = Math.Max(messages, _settings.MessagesPerReservation);
        (KeyRingState? ring, Refusal? refusal) = await _ring.AskAsync(new KeyRingCommand.ReserveMessages(active?.Epoch ?? 0, count, _settings.MessagesPerKey));
        switch (refusal?.Code)
        {
            case null:
                active!.Grant(count);
                Note(ring!);
                break;
            case KeyRingRefusals.ExhaustedCode:
                await RotateAsync(CancellationToken.None);
                break;
            default:
                await CatchUpAsync((active?.Epoch ?? 0) + 1, CancellationToken.None);
                break;
        }
    }

    private async ValueTask OpenMissingAsync(KeyRingState ring, CancellationToken cancellation)
    {
        RingKey[] missing = [.. ring.Needed.Where(key => Keys.Find(key.Epoch, key.Id) is null)];
        if (missing.Length == 0)
        {
            return;
        }

        using KeyEncryptionKey kek = await _provider.FetchAsync(cancellation);
        foreach (RingKey key in missing)
        {
            Keys.Add(kek.Unwrap(key.Epoch, key.Id, key.Wrapped.AsSpan()) ?? throw new KeyProviderException(
                KeyRingRefusals.MismatchCode,
                $"The provider's key {kek.Id} does not open the data key of epoch {key.Epoch}, which is wrapped under {ring.WrappedUnder}. If the ring was "
                    + "re-wrapped, name the new provider in the configuration and start this process again; "
                    + "otherwise give the key-encryption key that belongs to this journal.",
                isTransient: false));
        }
    }

    [LoggerMessage(LogLevel.Information, "The journal's data key was rotated: epoch {Epoch} is active")]
    private partial void LogRotated(int epoch);

    [LoggerMessage(LogLevel.Information, "The data key of epoch {Epoch} is retired: nothing needs it any more")]
    private partial void LogRetired(int epoch);
}
