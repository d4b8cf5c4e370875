using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// The journal in a PostgreSQL database, written by any number of processes at once: the head row, locked by every transaction, orders them, and the version of
/// an entity decides who wrote. An append that was answered <see cref="AppendOutcome.Appended"/> has been synced to the server's disk, and appends of one
/// process that arrive together share a round trip and a commit. Fault codes: <c>storage_unavailable</c>, <c>storage_busy</c>, <c>disk_full</c>,
/// <c>storage_io_error</c> (transient); <c>storage_read_only</c>, <c>storage_no_rights</c>, <c>storage_login_refused</c>, <c>storage_absent</c>,
/// <c>storage_corrupt</c>, <c>message_too_large</c>, <c>journal_stopped</c>; when opening also <c>schema_newer</c>, <c>schema_older</c>,
/// <c>storage_forgetful</c>. A row that cannot be read is a fault of its entity alone.
/// </summary>
public sealed class PostgresJournal : IJournalStore, IAsyncDisposable
{
    private const string ServerSql =
        """
        SELECT current_setting('fsync'), current_setting('full_page_writes'),
            has_function_privilege('signer.append_batch(text[], text[], bigint[], integer[], boolean[], text[], bigint[], integer[], integer[], integer[], integer[], text[], bytea[])', 'EXECUTE')
            AND has_table_privilege('signer.journal', 'SELECT') AND has_table_privilege('signer.entity', 'SELECT')
        """;

    private readonly PostgresDatabase _database;
    private readonly JournalReader _reader;
    private readonly JournalWriter? _writer;

    private PostgresJournal(PostgresDatabase database, JournalWriter? writer)
    {
        _database = database;
        _reader = new JournalReader(database);
        _writer = writer;
    }

    /// <summary>
    /// Opens the journal for writing and reading; its schema is there already. Does not own the database. Throws <see cref="JournalException"/>:
    /// <c>storage_forgetful</c> for a server that can lose what it has acknowledged, unless <see cref="PostgresSettings.AcceptsForgetfulServer"/>.
    /// </summary>
    public static async Task<PostgresJournal> OpenAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        await PostgresSchema.RequireAsync(database, cancellation);
        await RequireServerAsync(database, cancellation);
        return new PostgresJournal(database, new JournalWriter(database, TimeProvider.System));
    }

    /// <summary>Opens the journal for looking only. Appends are answered <c>storage_read_only</c>.</summary>
    public static async Task<PostgresJournal> OpenReadOnlyAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        await PostgresSchema.RequireAsync(database, cancellation);
        return new PostgresJournal(database, writer: null);
    }

    public async ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        append.ThrowIfMalformed();
        ThrowIfNotText(append);
        if (_writer is null)
            return new AppendOutcome.NotWritten(PostgresFault.ReadOnly(_database.Settings));
        var pending = new PendingAppend(append);
        await _writer.EnqueueAsync(pending);
        return await pending.WaitForAnswerAsync();
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation) =>
        _reader.ReadHistoryAsync(id, afterSequenceNumber, cancellation);

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => _reader.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => ListAsync(isOpen: true, kind, cancellation);

    public async IAsyncEnumerable<EntityId> ListAsync(string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (OpenEntity known in ListAsync(isOpen: false, kind, cancellation))
            yield return known.Id;
    }

    public ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation) => _reader.ReadKeyEpochAsync(cancellation);

    /// <inheritdoc/>
    /// <remarks>
    /// A column that cannot be read is given as 0, empty, <see cref="Guid.Empty"/> or the year 1; <see cref="ReadAsync"/> says which row of an entity it is.
    /// </remarks>
    public ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long afterOrdering, int limit, CancellationToken cancellation) =>
        _reader.ReadAllAsync(afterOrdering, limit, cancellation);

    public ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long afterOrdering, int limit, CancellationToken cancellation) =>
        _reader.ReadSealedBeforeAsync(epoch, afterOrdering, limit, cancellation);

    public async ValueTask<int> ResealAsync(IReadOnlyList<ResealedRow> rows, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_writer is null)
            throw PostgresFault.ReadOnly(_database.Settings);
        if (rows.Count == 0)
            return 0;
        List<int> replaced = await _database.AskAsync(
            "SELECT signer.reseal_rows($1, $2, $3, $4)",
            static reader => reader.GetInt32(0),
            cancellation,
            new NpgsqlParameter<long[]> { TypedValue = [.. rows.Select(static row => row.Ordering)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(static row => row.OldKeyEpoch)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(static row => row.KeyEpoch)] },
            new NpgsqlParameter<byte[][]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                TypedValue = [.. rows.Select(static row => row.Message.ToArray())],
            });
        return replaced[0];
    }

    /// <summary>Bytes that the journal takes on the server's disk with its indexes; as cheap whatever its length.</summary>
    public async ValueTask<long> ReadSizeAsync(CancellationToken cancellation) => (await _database.AskAsync(
        "SELECT pg_total_relation_size('signer.journal') + pg_total_relation_size('signer.entity')", static reader => reader.GetInt64(0), cancellation))[0];

    /// <summary>Writes the appends that already wait and closes the writer's connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
            await _writer.DisposeAsync();
    }

    private static async Task RequireServerAsync(PostgresDatabase database, CancellationToken cancellation)
    {
        (string fsync, string fullPages, bool mayWrite) = (await database.AskAsync(
            ServerSql, static reader => (reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)), cancellation))[0];
        if (!mayWrite)
            throw PostgresFault.NoRights(database.Settings);
        if ((fsync != "on" || fullPages != "on") && !database.Settings.AcceptsForgetfulServer)
        {
            throw PostgresFault.Fault(
                "storage_forgetful",
                "can lose what it has acknowledged. Set fsync = on and full_page_writes = on in its postgresql.conf.",
                isTransient: false,
                inner: null,
                database.Settings);
        }
    }

    // PostgreSQL's text holds every character but one, and no half of a surrogate pair.
    private static void ThrowIfNotText(JournalAppend append)
    {
        foreach (JournalEntry entry in append.Entries)
        {
            if (entry.Manifest.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || entry.Manifest.Contains('\0'))
                throw new ArgumentException("A manifest is text without surrogates and null characters.", nameof(append));
        }
    }

    private async IAsyncEnumerable<OpenEntity> ListAsync(bool isOpen, string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<(long Ordering, string Id, long Version)> page = [];
        do
        {
            page = await _reader.ReadPageAsync(isOpen, kind, page.Count == 0 ? 0 : page[^1].Ordering, cancellation);
            foreach ((_, string text, long version) in page)
            {
                // What is no id names no entity that anybody could ask; the others are still listed.
                if (EntityId.TryParse(text, out EntityId id))
                    yield return new OpenEntity(id, version);
            }
        }
        while (page.Count == JournalReader.PageLength);
    }
}
