using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SignerCluster.Protocol.Durability;
using SQLitePCL;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// The one connection that writes, and its statements, prepared once. Used by the writer thread only. What it knows of the journal as a whole
/// is read anew in every transaction, so that nothing of one that was rolled back is remembered.
/// </summary>
internal sealed class WriteConnection : IDisposable
{
    // The rows are asked too: one that somebody put back or added must not be met by a second one of its ordering.
    internal const string HeadSql =
        "SELECT max(last_ordering, coalesce((SELECT max(ordering) FROM journal), 0)), key_epoch FROM journal_head WHERE one = 1";

    internal const string AdvanceSql = "UPDATE entity SET version = ?2 WHERE persistence_id = ?1 AND version = ?4 AND is_open = ?3";

    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollBack;
    private readonly Statement _head;
    private readonly Statement _moveHead;
    private readonly Statement _version;
    private readonly Statement _create;
    private readonly Statement _advance;
    private readonly Statement _turn;
    private readonly Statement _insert;
    private readonly Statement _reseal;
    private readonly List<Statement> _all = [];
    private Head _found;
    private Head _current;

    public WriteConnection(SqliteConnection connection)
    {
        Connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollBack = Prepare("ROLLBACK");
        _head = Prepare(HeadSql);
        _moveHead = Prepare("UPDATE journal_head SET last_ordering = ?, key_epoch = ? WHERE one = 1");
        _version = Prepare(ReadConnection.VersionSql);
        _create = Prepare(
            """
            INSERT INTO entity (persistence_id, version, is_open, kind, first_ordering) SELECT ?1, ?2, ?3, ?4, ?5
            WHERE NOT EXISTS (SELECT 1 FROM journal WHERE persistence_id = ?1) ON CONFLICT (persistence_id) DO NOTHING
            """);
        _advance = Prepare(AdvanceSql);
        _turn = Prepare("UPDATE entity SET version = ?2, is_open = ?3 WHERE persistence_id = ?1 AND version = ?4");
        _insert = Prepare(
            """
            INSERT INTO journal (ordering, persistence_id, sequence_number, manifest, message, writer_uuid, created, key_epoch)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """);
        _reseal = Prepare("UPDATE journal SET message = ?, key_epoch = ? WHERE ordering = ? AND key_epoch = ?");
    }

    public SqliteConnection Connection { get; }

    public bool InTransaction => raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    /// <summary>Begins a transaction that nobody else can write beside. When it throws, a transaction may be open.</summary>
    public void Begin()
    {
        _begin.Run();
        Span<long> columns = stackalloc long[2];
        if (!_head.TryRead(columns))
            throw SqliteFault.Corrupt(Connection.DataSource, "the row of journal_head is missing.");
        _found = _current = new Head(columns[0], (int)columns[1]);
    }

    /// <summary>Writes what the transaction changed of the journal as a whole: its last part before the commit.</summary>
    public void WriteHead()
    {
        if (_current != _found)
            _moveHead.Bind(1, _current.LastOrdering).Bind(2, _current.KeyEpoch).Run();
    }

    /// <summary>
    /// Makes the transaction one that writes, and changes nothing: the head is moved and put back. To begin a transaction is not enough to find out whether
    /// one can be written, because that takes a lock and touches no file; nor is to set the head to what it is, because SQLite then writes nothing.
    /// </summary>
    public void TouchHead()
    {
        _moveHead.Bind(1, _current.LastOrdering + 1).Bind(2, _current.KeyEpoch).Run();
        _moveHead.Bind(1, _current.LastOrdering).Bind(2, _current.KeyEpoch).Run();
    }

    public void Commit() => _commit.Run();

    public void RollBack()
    {
        // A full disk or a failed write makes SQLite roll back by itself; a second rollback would then be an error.
        if (InTransaction)
            _rollBack.Run();
    }

    /// <summary>Writes one append into the open transaction, or answers why not and writes nothing.</summary>
    public AppendOutcome Write(JournalAppend append)
    {
        string id = append.Id.ToString();
        bool isStale = append.KeyEpoch != 0 && append.KeyEpoch != _current.KeyEpoch;
        if (isStale && ReadVersion(id) == append.ExpectedVersion)
            return new AppendOutcome.StaleKeyEpoch(_current.KeyEpoch);
        if (isStale || !TryAdvance(id, append))
            return new AppendOutcome.Conflict(ReadVersion(id));
        Insert(id, append);
        _current = new Head(_current.LastOrdering + append.Entries.Count, Math.Max(_current.KeyEpoch, append.ActivatesKeyEpoch));
        return new AppendOutcome.Appended(append.ExpectedVersion + append.Entries.Count);
    }

    /// <summary>Replaces the messages that still stand under their old epoch, if the new one is active. Returns how many those were.</summary>
    public int Reseal(IReadOnlyList<ResealedRow> rows)
    {
        int replaced = 0;
        foreach (ResealedRow row in rows.Where(row => row.KeyEpoch == _current.KeyEpoch))
            replaced += _reseal.Bind(1, row.Message.Span).Bind(2, row.KeyEpoch).Bind(3, row.Ordering).Bind(4, row.OldKeyEpoch).Run();
        return replaced;
    }

    public void Dispose()
    {
        foreach (Statement statement in _all)
            statement.Dispose();
        Connection.Dispose();
    }

    private long ReadVersion(string id)
    {
        Span<long> column = stackalloc long[1];
        return _version.Bind(1, id).TryRead(column) ? column[0] : 0;
    }

    // Compares and moves the version in one statement. Only a turn from open to done or back, tried last, touches the index of the listings.
    private bool TryAdvance(string id, JournalAppend append) =>
        append.ExpectedVersion == 0 ? TryCreate(id, append) : TryMove(_advance, id, append) || TryMove(_turn, id, append);

    // Rows of an entity that is not known are what is left of one, and not to be written among.
    private bool TryCreate(string id, JournalAppend append) =>
        _create.Bind(1, id).Bind(2, append.Entries.Count).Bind(3, append.OpenAfter ? 1 : 0).Bind(4, append.Id.Kind).Bind(5, _current.LastOrdering + 1).Run()
        == 1;

    private static bool TryMove(Statement move, string id, JournalAppend append) =>
        move.Bind(1, id).Bind(2, append.ExpectedVersion + append.Entries.Count).Bind(3, append.OpenAfter ? 1 : 0).Bind(4, append.ExpectedVersion).Run() == 1;

    private void Insert(string id, JournalAppend append)
    {
        _insert.Bind(2, id).Bind(6, append.Writer.ToString("D")).Bind(7, append.Created.UtcTicks).Bind(8, append.KeyEpoch);
        long ordering = _current.LastOrdering;
        long number = append.ExpectedVersion;
        foreach (JournalEntry entry in append.Entries)
            _insert.Bind(1, ++ordering).Bind(3, ++number).Bind(4, entry.Manifest).Bind(5, entry.Message.Span).Run();
    }

    private Statement Prepare(string sql)
    {
        var statement = new Statement(Connection, sql);
        _all.Add(statement);
        return statement;
    }

    /// <summary>The journal as a whole, as the open transaction sees it.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Head(long LastOrdering, int KeyEpoch);
}
