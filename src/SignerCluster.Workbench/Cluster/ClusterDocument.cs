using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SignerCluster.Host.Http;

namespace SignerCluster.Workbench.Cluster;

/// <summary>The private PostgreSQL; <see cref="Pid"/> is null while it does not run.</summary>
internal sealed record PostgresServer(string Host, int Port, int? Pid, string Superuser, string PasswordFile);

/// <summary>What <c>cluster servers</c> prints: null for a server that was never made.</summary>
/// <param name="Tests">Environment variables for the tests that need a server; null unless it runs.</param>
internal sealed record ServersDocument(PostgresServer? Postgres, IReadOnlyDictionary<string, string>? Tests);

/// <summary>The servers of a cluster.</summary>
internal sealed record ClusterServers(PostgresServer Postgres);

/// <summary>One node: the process <c>dotnet signer.dll node --config CONFIG</c> with the environment.</summary>
/// <param name="Role"><c>coordinator</c> or <c>participant</c>.</param>
/// <param name="Environment">What it is started with, beside the caller's paths. No secret is in it.</param>
/// <param name="Pid">Null while it does not run.</param>
internal sealed record ClusterNode(
    string Name, string Party, string Role, string Config, IReadOnlyDictionary<string, string> Environment, string Url, int? Pid, string Log)
{
    /// <summary><c>ready</c>, <c>not ready</c> or <c>down</c>; null where nobody looked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }

    /// <summary>What the node answers at <c>/v1/cluster</c>; null where nobody looked, or it does not answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClusterResponse? Cluster { get; init; }
}

/// <summary>The file <c>cluster.json</c>: a cluster that was made completely. Ids of processes are those of the last command that looked.</summary>
internal sealed record ClusterDocument(
    int Version, string Group, string OutputKey, string Address, int Threshold, int Participants, ClusterServers Servers, IReadOnlyList<ClusterNode> Nodes)
{
    private const int Known = 2;

    /// <summary>Reads the file; null when there is none. Throws <see cref="UsageException"/> <c>cluster_unreadable</c>.</summary>
    internal static ClusterDocument? Load(ClusterDirectory directory)
    {
        if (!File.Exists(directory.Document))
        {
            return null;
        }

        try
        {
            ClusterDocument? document = JsonSerializer.Deserialize(File.ReadAllText(directory.Document), ClusterJson.Readable.ClusterDocument);
            return document is { Version: Known } ? document : throw Unreadable(directory, $"it is not of version {Known}");
        }
        catch (JsonException fault)
        {
            throw Unreadable(directory, fault.Message);
        }
    }

    internal void Save(ClusterDirectory directory) =>
        ClusterDirectory.WritePrivate(directory.Document, JsonSerializer.Serialize(this, ClusterJson.Readable.ClusterDocument));

    private static UsageException Unreadable(ClusterDirectory directory, string why) =>
        new(
            "cluster_unreadable",
            $"{directory.Document} is not a cluster of this program: {why}. Run: signer cluster down --data {directory.Root}, then remove the folder.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServersDocument))]
[JsonSerializable(typeof(ClusterDocument))]
[JsonSerializable(typeof(ClusterResponse))]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    internal static ClusterJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
