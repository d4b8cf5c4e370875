using System.Data;
using Npgsql;
using NpgsqlTypes;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// The connection that writes, and its one statement, prepared once: a call of <c>append_batch</c>, which is its own transaction and so one round trip. Its
/// arrays are filled anew for each batch. Throws what Npgsql throws.
/// </summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    private const string Sql = "SELECT signer.append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;
    private readonly NpgsqlCommand _ping;
    private readonly List<string> _ids = [];
    private readonly List<string> _kinds = [];
    private readonly List<long> _expected = [];
    private readonly List<int> _lengths = [];
    private readonly List<bool> _opens = [];
    private readonly List<string> _writers = [];
    private readonly List<long> _created = [];
    private readonly List<int> _epochs = [];
    private readonly List<int> _activated = [];
    private readonly List<int> _owners = [];
    private readonly List<int> _places = [];
    private readonly List<string> _manifests = [];
    private readonly List<ReadOnlyMemory<byte>> _messages = [];

    private AppendCommand(NpgsqlConnection connection)
    {
        _connection = connection;
        _ping = new NpgsqlCommand("SELECT 1", connection);
        _command = new NpgsqlCommand(Sql, connection);
        AddArray(NpgsqlDbType.Text, _ids);
        AddArray(NpgsqlDbType.Text, _kinds);
        AddArray(NpgsqlDbType.Bigint, _expected);
        AddArray(NpgsqlDbType.Integer, _lengths);
        AddArray(NpgsqlDbType.Boolean, _opens);
        AddArray(NpgsqlDbType.Text, _writers);
        AddArray(NpgsqlDbType.Bigint, _created);
        AddArray(NpgsqlDbType.Integer, _epochs);
        AddArray(NpgsqlDbType.Integer, _activated);
        AddArray(NpgsqlDbType.Integer, _owners);
        AddArray(NpgsqlDbType.Integer, _places);
        AddArray(NpgsqlDbType.Text, _manifests);
        AddArray(NpgsqlDbType.Bytea, _messages);
    }

    public bool IsOpen => _connection.FullState == ConnectionState.Open;

    public static async Task<AppendCommand> PrepareAsync(NpgsqlConnection connection)
    {
        var command = new AppendCommand(connection);
        await command._command.PrepareAsync();
        await command._ping.PrepareAsync();
        return command;
    }

    /// <summary>Asks for a sign of life.</summary>
    public async Task PingAsync() => await _ping.ExecuteScalarAsync();

    /// <summary>
    /// Writes the appends in one transaction. When it returns, with one outcome for each, the transaction has committed; when it throws what is not
    /// <see cref="PostgresFault.IsRolledBack"/>, it may have.
    /// </summary>
    public async Task<AppendOutcome[]> WriteAsync(IReadOnlyList<PendingAppend> batch)
    {
        Fill(batch);
        await using NpgsqlDataReader reader = await _command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            throw new InvalidOperationException("append_batch answered nothing.");
        long[] answer = await reader.GetFieldValueAsync<long[]>(0);
        // The server commits after it has sent the row. Only when there is no further result either did it say that the transaction is over, and if it is so by
        // an error, that is thrown here.
        while (await reader.NextResultAsync())
            continue;
        return answer.Length == 2 * batch.Count
            ? [.. batch.Select((_, i) => OutcomeOf(answer[2 * i], answer[(2 * i) + 1]))]
            : throw new InvalidOperationException("append_batch answered for another number of appends.");
    }

    public async ValueTask DisposeAsync()
    {
        await _command.DisposeAsync();
        await _ping.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static AppendOutcome OutcomeOf(long kind, long value) => kind switch
    {
        0 => new AppendOutcome.Appended(value),
        1 => new AppendOutcome.Conflict(value),
        2 => new AppendOutcome.StaleKeyEpoch((int)value),
        _ => throw new InvalidOperationException($"append_batch answered {kind}."),
    };

    private void Fill(IReadOnlyList<PendingAppend> batch)
    {
        Clear();
        for (int i = 0; i < batch.Count; i++)
        {
            JournalAppend append = batch[i].Append;
            _ids.Add(append.Id.ToString());
            _kinds.Add(append.Id.Kind);
            _expected.Add(append.ExpectedVersion);
            _lengths.Add(append.Entries.Count);
            _opens.Add(append.OpenAfter);
            _writers.Add(append.Writer.ToString("D"));
            _created.Add(append.Created.UtcTicks);
            _epochs.Add(append.KeyEpoch);
            _activated.Add(append.ActivatesKeyEpoch);
            for (int place = 0; place < append.Entries.Count; place++)
            {
                _owners.Add(i + 1);
                _places.Add(place + 1);
                _manifests.Add(append.Entries[place].Manifest);
                _messages.Add(append.Entries[place].Message);
            }
        }
    }

    private void Clear()
    {
        _ids.Clear();
        _kinds.Clear();
        _expected.Clear();
        _lengths.Clear();
        _opens.Clear();
        _writers.Clear();
        _created.Clear();
        _epochs.Clear();
        _activated.Clear();
        _owners.Clear();
        _places.Clear();
        _manifests.Clear();
        _messages.Clear();
    }

    private void AddArray<T>(NpgsqlDbType element, List<T> values) =>
        _command.Parameters.Add(new NpgsqlParameter<List<T>> { NpgsqlDbType = NpgsqlDbType.Array | element, TypedValue = values });
}
