using System.Net;

namespace SignerCluster.Journal.Postgres;

/// <summary>Where the database of one party is and how it is spoken to. Values out of range are refused when it is opened.</summary>
public sealed record PostgresSettings
{
    /// <summary>Name or address of the server, or the absolute path of the folder with its socket.</summary>
    public required string Host { get; init; }

    public int Port { get; init; } = 5432;

    public required string Database { get; init; }

    public required string User { get; init; }

    /// <summary>Null where the server asks for none.</summary>
    public DatabasePassword? Password { get; init; }

    /// <summary>
    /// Is the connection encrypted and the server's certificate held against its name (<c>verify-full</c>)? False is refused unless <see cref="Host"/> is on
    /// this machine.
    /// </summary>
    public bool UsesTls { get; init; } = true;

    /// <summary>A PEM file of the authorities that may vouch for the server; null for those of the operating system.</summary>
    public string? AuthoritiesFile { get; init; }

    /// <summary>
    /// Accepts a server that can lose what it has acknowledged (<c>fsync</c> or <c>full_page_writes</c> off). Only for throw-away servers: one that forgets a
    /// consumed nonce can be made to sign with it twice.
    /// </summary>
    public bool AcceptsForgetfulServer { get; init; }

    /// <summary>Connections for reading that are kept at most; at least 1. The writer and every held lock have one more each.</summary>
    public int PoolSize { get; init; } = 8;

    /// <summary>How long to wait for a connection; whole seconds, at least 1.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the server may work on one statement, the wait for locks included, before it gives it up; whole seconds, at least 1. A server that has not
    /// answered a second later is given up, and what became of the statement is unknown.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Appends that share one transaction at most, and so one round trip and one wait for the disk; at least 1.</summary>
    public int AppendsPerTransaction { get; init; } = 256;

    /// <summary>
    /// How long appends gather after a transaction of several before the next one: the more share one, the less each costs. An append that comes alone does not
    /// wait. Zero or more.
    /// </summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Bytes of messages in one transaction from which on no further append is added to it; at least 1.</summary>
    public int BytesPerTransaction { get; init; } = 4 * 1024 * 1024;

    /// <summary>Appends that may wait for the writer; at least 1. Further callers wait their turn without a place in the queue.</summary>
    public int QueueCapacity { get; init; } = 4096;

    /// <summary>Where the database is, for messages: without the user and never with a password.</summary>
    public string Address => $"{Host}:{Port}/{Database}";

    private bool IsOnThisMachine =>
        Host.StartsWith('/') || Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    internal void ThrowIfInvalid()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Host, nameof(Host));
        ArgumentException.ThrowIfNullOrWhiteSpace(Database, nameof(Database));
        ArgumentException.ThrowIfNullOrWhiteSpace(User, nameof(User));
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1, nameof(Port));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65535, nameof(Port));
        ArgumentOutOfRangeException.ThrowIfLessThan(PoolSize, 1, nameof(PoolSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectTimeout, TimeSpan.FromSeconds(1), nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(CommandTimeout, TimeSpan.FromSeconds(1), nameof(CommandTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendsPerTransaction, 1, nameof(AppendsPerTransaction));
        ArgumentOutOfRangeException.ThrowIfLessThan(GatherTime, TimeSpan.Zero, nameof(GatherTime));
        ArgumentOutOfRangeException.ThrowIfLessThan(BytesPerTransaction, 1, nameof(BytesPerTransaction));
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1, nameof(QueueCapacity));
        if (!UsesTls && !IsOnThisMachine)
            throw new ArgumentException($"The database at {Address} is not on this machine: it is spoken to with TLS only.", nameof(UsesTls));
    }
}
