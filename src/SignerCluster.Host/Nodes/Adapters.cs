using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;

namespace SignerCluster.Host.Nodes;

/// <summary>What a node's configuration says, in the words of the adapters.</summary>
internal static class Adapters
{
    /// <summary>
    /// Reads the password and looks at the authorities. Throws <see cref="DataDirectoryException"/> when a file cannot be used, or a certificate in it has
    /// expired.
    /// </summary>
    internal static PostgresSettings ToPostgres(DatabaseSettings database, Profile profile) => new()
    {
        Host = database.Host,
        Port = database.Port,
        Database = database.Name,
        User = database.User,
        Password = DatabasePassword.Load(database.PasswordFile),
        UsesTls = database.UsesTls,
        AuthoritiesFile = database.UsesTls ? Usable(database.CaFile) : null,
        AcceptsForgetfulServer = profile.IsDevelopment,
        PoolSize = database.Connections,
        ConnectTimeout = database.ConnectTimeout,
        CommandTimeout = database.CommandTimeout,
    };

    private static string? Usable(string? authoritiesFile)
    {
        if (authoritiesFile is not null)
        {
            CertificateCheck.Load(authoritiesFile, TimeProvider.System.GetUtcNow());
        }

        return authoritiesFile;
    }
}
