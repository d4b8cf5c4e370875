using System.Security.Cryptography;
using Npgsql;

namespace SignerCluster.Journal.Postgres;

/// <summary>
/// The two roles of one party's database (Schema/roles.sql, which psql runs as well): the owner migrates its schema; a node may read, and may write only
/// through the functions that keep the journal's rules.
/// </summary>
public static class PostgresRoles
{
    /// <summary>The script, with psql's variables <c>owner</c> and <c>node</c>.</summary>
    public static string Script => SchemaScripts.TextOf("Postgres/roles");

    /// <summary>Makes an empty database, unless there is one of that name. Throws what Npgsql throws.</summary>
    /// <param name="administrator">Connected to another database of the server, as one who may make databases.</param>
    public static async Task CreateDatabaseAsync(NpgsqlConnection administrator, string database, CancellationToken cancellation)
    {
        await using NpgsqlCommand exists = administrator.CreateCommand();
        exists.CommandText = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
        exists.Parameters.Add(new NpgsqlParameter<string> { TypedValue = database });
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
            await RunAsync(administrator, $"CREATE DATABASE {Identifier(database)} TEMPLATE template0 ENCODING 'UTF8'", cancellation);
    }

    /// <summary>
    /// Makes the roles and gives them their rights and passwords; may be done again at any time, before and after migrations. The passwords do not leave this
    /// process. Throws what Npgsql throws.
    /// </summary>
    /// <param name="administrator">Connected to the party's database, as a superuser.</param>
    public static async Task ApplyAsync(
        NpgsqlConnection administrator,
        string owner,
        DatabasePassword ownerPassword,
        string node,
        DatabasePassword nodePassword,
        CancellationToken cancellation)
    {
        string script = Script
            .Replace(":'owner'", Literal(owner), StringComparison.Ordinal).Replace(":\"owner\"", Identifier(owner), StringComparison.Ordinal)
            .Replace(":'node'", Literal(node), StringComparison.Ordinal).Replace(":\"node\"", Identifier(node), StringComparison.Ordinal);
        await using NpgsqlTransaction transaction = await administrator.BeginTransactionAsync(cancellation);
        await RunAsync(administrator, script, cancellation);
        foreach ((string role, DatabasePassword password) in ((string, DatabasePassword)[])[(owner, ownerPassword), (node, nodePassword)])
        {
            string verifier = ScramVerifier.Of(password, RandomNumberGenerator.GetBytes(16));
            await RunAsync(administrator, $"ALTER ROLE {Identifier(role)} PASSWORD {Literal(verifier)}", cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // No backslash escapes: standard_conforming_strings is on wherever this runs.
    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
#pragma warning disable CA2100 // Names and texts are quoted above; such statements take no parameters.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
