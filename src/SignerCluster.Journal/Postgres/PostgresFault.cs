using System.Security.Authentication;
using Npgsql;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Postgres;

/// <summary>Gives PostgreSQL's error codes and a lost server the journal's stable names. No message ever has a password or a row's content in it.</summary>
internal static class PostgresFault
{
    /// <summary>
    /// Did the server say that it undid the statement? After an error it has rolled back; when it ends the connection instead, also by an orderly shutdown, the
    /// commit may have come first.
    /// </summary>
    public static bool IsRolledBack(Exception fault) => fault is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>Is it what this statement carried that the server would not have, and would it take another? Then each can be tried alone.</summary>
    public static bool IsOfContent(Exception fault) => IsRolledBack(fault) && fault is PostgresException error && error.SqlState[..2] is "22" or "23" or "54";

    public static JournalException Of(Exception fault, PostgresSettings settings) => fault switch
    {
        PostgresException error => OfServer(error, settings),
        { InnerException: AuthenticationException untrusted } => NotTrusted(untrusted, settings, fault),
        { InnerException: TimeoutException } or TimeoutException =>
            Fault("storage_unavailable", "did not answer in time. Is it overloaded, or the network to it broken?", isTransient: true, fault, settings),
        _ => Fault("storage_unavailable", $"cannot be reached: {(fault.InnerException ?? fault).Message}", isTransient: true, fault, settings),
    };

    public static JournalException Stopped(PostgresSettings settings, Exception? inner = null) =>
        Fault("journal_stopped", "is not written any more: the journal is closed.", isTransient: false, inner, settings);

    public static JournalException ReadOnly(PostgresSettings settings) =>
        Fault("storage_read_only", "was opened for looking only.", isTransient: false, inner: null, settings);

    /// <summary>What a server that only reads would answer to an append.</summary>
    public static JournalException TakesNoWrites(bool isStandby, PostgresSettings settings) => Fault(
        "storage_read_only",
        isStandby
            ? "is a standby and takes no writes. Name the primary, or promote this server."
            : "takes no writes: default_transaction_read_only is on. See why it was set; then turn it off for the server, the database and the role "
                + $"{settings.User}.",
        isTransient: false,
        inner: null,
        settings);

    public static JournalException NoRights(PostgresSettings settings, Exception? inner = null) => Fault(
        "storage_no_rights",
        $"does not let the role {settings.User} do what a node must. As an administrator of the server run: "
            + $"signer journal roles | psql -v owner=OWNER -v node={settings.User} -d {settings.Database}",
        isTransient: false,
        inner,
        settings);

    private static JournalException NotTrusted(AuthenticationException untrusted, PostgresSettings settings, Exception fault) => Fault(
        "storage_not_trusted",
        $"did not prove over TLS that it is {settings.Host}. "
            + $"{untrusted.Message} See whether database.host and database.ca-file ({settings.AuthoritiesFile ?? "the operating system's"}) are right.",
        isTransient: false,
        fault,
        settings);

    public static JournalException Fault(string code, string what, bool isTransient, Exception? inner, PostgresSettings settings) =>
        new(code, $"The database {settings.Address} {what}", isTransient, inner);

    private static JournalException OfServer(PostgresException error, PostgresSettings settings)
    {
        (string code, bool isTransient, string advice) = error.SqlState switch
        {
            PostgresErrorCodes.InsufficientPrivilege => (string.Empty, false, string.Empty),
            PostgresErrorCodes.DiskFull => ("disk_full", true, "Make room on the server's disk."),
            PostgresErrorCodes.ReadOnlySqlTransaction => ("storage_read_only", false, "It is a standby, or was made read-only: name the primary."),
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                ("storage_login_refused", false, $"Check the role {settings.User}, its password and pg_hba.conf."),
            PostgresErrorCodes.InvalidCatalogName => ("storage_absent", false, PostgresSchema.AbsentAdvice),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.InvalidSchemaName =>
                ("schema_older", false, PostgresSchema.Advice),
            PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.SerializationFailure =>
                    ("storage_busy", true, "A lock was held too long, or the server is overloaded."),
            PostgresErrorCodes.IoError => ("storage_io_error", true, "Look at the server's log and disk."),
            // The rows contradict what the journal keeps about their entity: a row stands where its version says that there is none.
            _ when error.SqlState.StartsWith("23", StringComparison.Ordinal) =>
                ("storage_corrupt", false, "Rows of this entity contradict its version. Restore them."),
            _ when error.SqlState.StartsWith("XX", StringComparison.Ordinal) => ("storage_corrupt", false, "Restore it from a backup."),
            _ when error.SqlState.StartsWith("54", StringComparison.Ordinal) => ("message_too_large", false, "The append is larger than PostgreSQL takes."),
            _ when error.SqlState[..2] is "53" or "57" or "08" => ("storage_unavailable", true, "The server is starting, stopping or overloaded."),
            _ => ("storage_unavailable", error.IsTransient, "Look at the server's log."),
        };
        return code.Length == 0
            ? NoRights(settings, error)
            : Fault(code, $"answers {error.SqlState}: {error.MessageText}. {advice}", isTransient, error, settings);
    }
}
