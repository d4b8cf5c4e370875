using Npgsql;
using SignerCluster.Journal.Postgres;

namespace SignerCluster.Workbench.Cluster;

/// <summary>The database of one party on the private server, with an owner for migrations and a role for nodes.</summary>
internal sealed class PartyDatabase(PostgresServer server, ClusterDirectory directory, string party)
{
    internal string Name => $"signer_{party}";

    /// <summary>The role of the party's nodes.</summary>
    internal string User => $"signer_{party}";

    private string Owner => $"signer_{party}_owner";

    /// <summary>Makes database, roles and schema as far as they are not there. Throws <see cref="UnavailableException"/> <c>database_unavailable</c>.</summary>
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        using DatabasePassword ownerPassword = DatabasePassword.Load(directory.Secret(party, ClusterDirectory.OwnerPassword));
        using DatabasePassword nodePassword = DatabasePassword.Load(directory.Secret(party, ClusterDirectory.DatabasePassword));
        try
        {
            await using (NpgsqlConnection administrator = await ConnectAsync("postgres", cancellation))
            {
                await PostgresRoles.CreateDatabaseAsync(administrator, Name, cancellation);
            }

            await using (NpgsqlConnection administrator = await ConnectAsync(Name, cancellation))
            {
                await PostgresRoles.ApplyAsync(administrator, Owner, ownerPassword, User, nodePassword, cancellation);
            }
        }
        catch (NpgsqlException fault)
        {
            throw new UnavailableException("database_unavailable", $"The database {Name} at {server.Host}:{server.Port} could not be made: {fault.Message}");
        }

        await using PostgresDatabase database = Open(Owner, ownerPassword);
        await PostgresSchema.MigrateAsync(database, cancellation);
    }

    /// <summary>What the party's journal takes on the disk.</summary>
    internal async Task<long> ReadJournalBytesAsync(CancellationToken cancellation)
    {
        using DatabasePassword password = DatabasePassword.Load(directory.Secret(party, ClusterDirectory.DatabasePassword));
        await using PostgresDatabase database = Open(User, password);
        await using PostgresJournal journal = await PostgresJournal.OpenReadOnlyAsync(database, cancellation);
        return await journal.ReadSizeAsync(cancellation);
    }

    private PostgresDatabase Open(string user, DatabasePassword password) => PostgresDatabase.Create(
        new PostgresSettings { Host = server.Host, Port = server.Port, Database = Name, User = user, Password = password, UsesTls = false });

    private async Task<NpgsqlConnection> ConnectAsync(string database, CancellationToken cancellation)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = server.Superuser,
            Password = await File.ReadAllTextAsync(server.PasswordFile, cancellation),
            Database = database,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(cancellation);
        return connection;
    }
}
