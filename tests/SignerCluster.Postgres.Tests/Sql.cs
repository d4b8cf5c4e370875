using Npgsql;

namespace SignerCluster.Postgres.Tests;

/// <summary>Short ways to run what a test made up itself.</summary>
internal static class Sql
{
#pragma warning disable CA2100 // Tests run their own statements only.
    public static async Task RunAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<object?> AskAsync(this NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
#pragma warning restore CA2100
}
