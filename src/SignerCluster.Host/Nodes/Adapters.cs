using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Entities;
using SignerCluster.RabbitMq;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Trust;

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
        AnnouncedKinds = [EntityKind.RoastCoordinator],
        PoolSize = database.Connections,
        ConnectTimeout = database.ConnectTimeout,
        CommandTimeout = database.CommandTimeout,
    };

    /// <summary>As <see cref="ToPostgres"/>; throws <see cref="EngineException"/> for the password.</summary>
    internal static RabbitMqSettings ToRabbitMq(RoleSettings role, string node) => new()
    {
        Host = role.Broker.Host,
        Port = role.Broker.Port,
        VirtualHost = role.Broker.VirtualHost,
        User = role.Broker.User,
        Password = BrokerPassword.Load(role.Broker.PasswordFile),
        Tls = role.Broker.UsesTls ? new BrokerTls(Usable(role.Broker.CaFile) ?? throw NoAuthorities(role), role.Broker.Host) : null,
        Party = role.Party,
        Node = node,
        Heartbeat = role.Broker.Heartbeat,
        Prefetch = role.Broker.Prefetch,
        MaximumInFlight = role.Broker.MaximumInFlight,
        MaximumMessageBytes = role.Broker.MaximumMessageBytes,
        AnswerTimeout = role.Broker.AnswerTimeout,
        StopGrace = role.Mailboxes.StopGrace,
    };

    private static string? Usable(string? authoritiesFile)
    {
        if (authoritiesFile is not null)
        {
            CertificateCheck.Load(authoritiesFile, TimeProvider.System.GetUtcNow());
        }

        return authoritiesFile;
    }

    private static UsageException NoAuthorities(RoleSettings role) => new(
        "config_invalid",
        $"broker.ca-file of {role.Party}: with TLS the broker's certificate is held against the operator's own authorities; name their PEM file.");

    internal static MessageSettings ToMessages(BrokerSettings broker) =>
        new() { Lifetime = broker.MessageLifetime, ClockSkew = broker.ClockSkew, GatherTime = broker.GatherTime };
}
