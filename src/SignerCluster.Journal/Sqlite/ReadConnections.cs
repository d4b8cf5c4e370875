using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// The reading side: each read borrows a connection, which sees the last commit and does not wait for the writer. A connection on which a
/// read failed is not used again.
/// </summary>
internal sealed class ReadConnections(string path, SqliteJournalSettings settings) : IDisposable
{
    private readonly ConcurrentBag<ReadConnection> _resting = [];
    private int _closed;

    /// <summary>Runs a read. Throws <see cref="JournalException"/> when the storage fails.</summary>
    public T Borrow<T>(Func<ReadConnection, T> read)
    {
        if (Volatile.Read(ref _closed) != 0)
            throw SqliteFault.Stopped(path);
        ReadConnection? connection = null;
        bool healthy = false;
        try
        {
            if (!_resting.TryTake(out connection))
                connection = new ReadConnection(JournalConnection.OpenForReading(path, settings));
            T result = read(connection);
            healthy = true;
            return result;
        }
        catch (SqliteException fault)
        {
            throw SqliteFault.Of(fault, path);
        }
        finally
        {
            if (connection is not null)
                Return(connection, healthy);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _closed, 1);
        while (_resting.TryTake(out ReadConnection? connection))
            connection.Dispose();
    }

    private void Return(ReadConnection connection, bool healthy)
    {
        if (!healthy || _resting.Count >= settings.ReadConnectionsKept)
        {
            connection.Dispose();
            return;
        }

        _resting.Add(connection);
        // Closed in the meantime: whoever came last puts the chairs away.
        if (Volatile.Read(ref _closed) != 0)
            Dispose();
    }
}
