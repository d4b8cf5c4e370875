using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// The database of one party: a pool of connections for short reads, and connections of their own for what holds one for long. Made without speaking to the
/// server; whoever makes it disposes it last, after the journal, locks and listeners that use it.
/// </summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private static readonly TimeSpan _appendFaultCounts = TimeSpan.FromSeconds(10);
    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _sessions;
    private JournalException? _lastFault;
    private AppendFault? _appendFault;

    private PostgresDatabase(PostgresSettings settings)
    {
        Settings = settings;
        _pool = Build(settings, isPooled: true);
        _sessions = Build(settings, isPooled: false);
    }

    public PostgresSettings Settings { get; }

    /// <summary>
    /// Why <see cref="FindWriteFaultAsync"/> last found that nothing can be written, or a read or write failed; null after one that succeeded.
    /// </summary>
    public JournalException? LastFault => Volatile.Read(ref _lastFault);

    /// <summary>
    /// Throws <see cref="ArgumentException"/> when the settings are out of range, <see cref="JournalException"/> <c>storage_ca_invalid</c> when the file of
    /// authorities cannot be used.
    /// </summary>
    public static PostgresDatabase Create(PostgresSettings settings)
    {
        settings.ThrowIfInvalid();
        return new PostgresDatabase(settings);
    }

    /// <summary>
    /// Says why nothing can be written at the moment, and what to do about it; null when all looks well. Costs no row: the server is asked whether it would
    /// take a write, and what only a write finds out, as a full disk, is what it answered to the last append. Never throws but when cancelled.
    /// </summary>
    public async ValueTask<JournalException?> FindWriteFaultAsync(CancellationToken cancellation)
    {
        try
        {
            (bool isStandby, bool isReadOnly) = (await AskAsync(
                "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean",
                static reader => (reader.GetBoolean(0), reader.GetBoolean(1)),
                cancellation))[0];
            return isStandby || isReadOnly ? Note(PostgresFault.TakesNoWrites(isStandby, Settings)) : LastAppendFault();
        }
        catch (JournalException fault)
        {
            return fault;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _sessions.DisposeAsync();
    }

    /// <summary>A connection that nobody else uses, closed when it is disposed. Throws <see cref="JournalException"/>.</summary>
    internal async ValueTask<NpgsqlConnection> OpenSessionAsync(CancellationToken cancellation)
    {
        try
        {
            return await _sessions.OpenConnectionAsync(cancellation);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw Note(PostgresFault.Of(fault, Settings));
        }
    }

    /// <summary>
    /// Runs one statement that may be run twice: when its pooled connection turns out to be lost, as all are after a restart of the server, it is run once more
    /// on a fresh one. Throws <see cref="JournalException"/>.
    /// </summary>
    internal async ValueTask<List<T>> AskAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params IReadOnlyList<NpgsqlParameter> parameters)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            return await RunAsync(_pool, sql, read, parameters, cancellation);
        }
        catch (NpgsqlException fault) when (!PostgresFault.IsRolledBack(fault) && fault.InnerException is not TimeoutException)
        {
            _pool.Clear();
            return await AskOnceAsync(sql, read, cancellation, parameters);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw Note(PostgresFault.Of(fault, Settings));
        }
    }

    /// <summary>
    /// Runs one statement on a connection of its own. After a fault that is no error of the server it may have been committed. Throws
    /// <see cref="JournalException"/>.
    /// </summary>
    internal async ValueTask<List<T>> AskOnceAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params IReadOnlyList<NpgsqlParameter> parameters)
    {
        try
        {
            return await RunAsync(_sessions, sql, read, parameters, cancellation);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or IOException)
        {
            throw Note(PostgresFault.Of(fault, Settings));
        }
    }

    internal JournalException Note(JournalException? fault)
    {
        Volatile.Write(ref _lastFault, fault);
        return fault!;
    }

    /// <summary>Remembers what an append met; null when it was written.</summary>
    internal void NoteAppend(JournalException? fault) => Volatile.Write(
        ref _appendFault,
        fault is { Code: "disk_full" or "storage_io_error" or "storage_no_rights" } ? new AppendFault(fault, TimeProvider.System.GetTimestamp()) : null);

    // Not for ever: where a node that is not ready gets no work, there is no further append that could find the server mended.
    private JournalException? LastAppendFault() =>
        Volatile.Read(ref _appendFault) is { } last && TimeProvider.System.GetElapsedTime(last.At) < _appendFaultCounts ? last.Fault : null;

    // Pooled connections prepare by themselves what they are asked again.
    private async ValueTask<List<T>> RunAsync<T>(
        NpgsqlDataSource source, string sql, Func<NpgsqlDataReader, T> read, IReadOnlyList<NpgsqlParameter> parameters, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = source.CreateCommand(sql);
        foreach (NpgsqlParameter parameter in parameters)
            command.Parameters.Add(parameter);
        try
        {
            List<T> rows = [];
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                rows.Add(read(reader));
            // An error of the commit comes after the last row.
            await reader.NextResultAsync(cancellation);
            Note(null);
            return rows;
        }
        finally
        {
            // A parameter belongs to one command at a time.
            command.Parameters.Clear();
        }
    }

    private static NpgsqlDataSource Build(PostgresSettings settings, bool isPooled)
    {
        int commandSeconds = (int)settings.CommandTimeout.TotalSeconds;
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = settings.Database,
            Username = settings.User,
            ApplicationName = "signer",
            // The certificate is judged below, as fully as with VerifyFull, by what can also say why it is refused.
            SslMode = settings.UsesTls ? SslMode.Require : SslMode.Disable,
            Pooling = isPooled,
            MaxPoolSize = settings.PoolSize,
            // Nothing here leaves anything behind in a session of the pool.
            NoResetOnClose = true,
            MaxAutoPrepare = isPooled ? 32 : 0,
            AutoPrepareMinUsages = 2,
            Enlist = false,
            PersistSecurityInfo = false,
            Timeout = (int)settings.ConnectTimeout.TotalSeconds,
            CommandTimeout = commandSeconds + 1,
            // What was given up is unknown at once: the server is not waited for a second time.
            CancellationTimeout = -1,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 5,
            TcpKeepAliveInterval = 2,
            Options = OptionsOf(commandSeconds),
        };
        var builder = new NpgsqlDataSourceBuilder(text.ConnectionString);
        if (settings.UsesTls)
        {
            var judge = new ServerCertificate(Authorities(settings), settings.Host, TimeProvider.System);
            builder.UseSslClientAuthenticationOptionsCallback(options => options.RemoteCertificateValidationCallback = judge.Validate);
        }

        if (settings.Password is { } password)
            builder.UsePasswordProvider(_ => password.Reveal(), (_, _) => new ValueTask<string>(password.Reveal()));
        return builder.Build();
    }

    private static X509Certificate2Collection? Authorities(PostgresSettings settings)
    {
        if (settings.AuthoritiesFile is not { } path)
            return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Invalid(fault.Message, fault);
        }

        return authorities.Count > 0 ? authorities : throw Invalid("it holds no certificate.", inner: null);

        JournalException Invalid(string reason, Exception? inner) =>
            new("storage_ca_invalid", $"The file of the database's authorities, {path}, cannot be used: {reason}", isTransient: false, inner);
    }

    /// <summary>
    /// The server itself gives up first: its error says that nothing was written, where our own giving up would leave it unknown. It also notices within
    /// seconds that a client is gone, so that neither its statement nor its locks outlive it for long. Everything is found by its key: a scan by way of a
    /// bitmap would visit each dead entry of an index every time, where a plain one marks it and passes it by from then on.
    /// </summary>
    private static string OptionsOf(int commandSeconds) => string.Join(
        ' ',
        $"-c statement_timeout={commandSeconds}s",
        @"-c default_transaction_isolation=read\ committed",
        "-c enable_bitmapscan=off",
        "-c client_connection_check_interval=1s",
        "-c tcp_keepalives_idle=5",
        "-c tcp_keepalives_interval=2",
        "-c tcp_keepalives_count=3",
        "-c tcp_user_timeout=10000");

    private sealed record AppendFault(JournalException Fault, long At);
}
