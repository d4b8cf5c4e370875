using System.Text.Json;

namespace SignerCluster.Chaos.Cluster;

/// <summary>The file cluster.json, which <c>signer cluster up</c> writes.</summary>
internal sealed record ClusterDocument(
    string Group, string OutputKey, int Threshold, int Participants, ClusterServers Servers, IReadOnlyList<ClusterNode> Nodes)
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerDefaults.Web);

    internal IReadOnlyList<string> Parties => [.. Nodes.Select(static node => node.Party).Distinct(StringComparer.Ordinal)];

    internal IReadOnlyList<ClusterNode> Coordinators => [.. Nodes.Where(static node => node.IsCoordinator)];

    /// <summary>Throws <see cref="CannotRunException"/>.</summary>
    internal static ClusterDocument Read(string folder)
    {
        string path = Path.Combine(folder, "cluster.json");
        try
        {
            return JsonSerializer.Deserialize<ClusterDocument>(File.ReadAllBytes(path), _options) ?? throw new JsonException("It is null.");
        }
        catch (Exception fault) when (fault is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"{path} cannot be read: {fault.Message}", fault);
        }
    }
}

/// <summary>The servers under a cluster.</summary>
internal sealed record ClusterServers(PostgresServer Postgres);

internal sealed record PostgresServer(string Host, int Port, int? Pid, string Superuser, string PasswordFile);

/// <summary>One node and how it is started.</summary>
internal sealed record ClusterNode(
    string Name, string Party, string Role, string Config, IReadOnlyDictionary<string, string> Environment, string Url, string Log)
{
    internal bool IsCoordinator => Role == "coordinator";
}
