using Microsoft.Data.Sqlite;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// Where tests break a transaction: each step is called on the writer thread with its connection and may throw what SQLite would.
/// The last two count as part of the commit.
/// </summary>
internal sealed class CommitProbe
{
    public static readonly CommitProbe None = new();

    public Action<SqliteConnection> BeforeBegin { get; init; } = static _ => { };

    public Action<SqliteConnection> BeforeCommit { get; init; } = static _ => { };

    public Action<SqliteConnection> AfterCommit { get; init; } = static _ => { };
}
