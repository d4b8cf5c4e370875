using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignerCluster.Host.Verbs.Cluster;

/// <summary>The private PostgreSQL; <see cref="Pid"/> is null while it does not run.</summary>
internal sealed record PostgresServer(string Host, int Port, int? Pid, string Superuser, string PasswordFile);

/// <summary>The private RabbitMQ; <see cref="Pid"/> is null while it does not run.</summary>
/// <param name="Environment">What the server and its tools are started with.</param>
/// <param name="Tool">A command that runs rabbitmqctl against this server.</param>
internal sealed record RabbitMqServer(
    string Host, int Port, int? Pid, string NodeName, IReadOnlyDictionary<string, string> Environment, string Administrator, string PasswordFile, string Tool);

/// <summary>What <c>cluster servers</c> prints: null for a server that was not asked for or was never made.</summary>
/// <param name="Tests">Environment variables for the tests that need servers; null unless both run.</param>
internal sealed record ServersDocument(PostgresServer? Postgres, RabbitMqServer? Rabbitmq, IReadOnlyDictionary<string, string>? Tests);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = false)]
[JsonSerializable(typeof(ServersDocument))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    internal static ClusterJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
