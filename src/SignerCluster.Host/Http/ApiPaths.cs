namespace SignerCluster.Host.Http;

/// <summary>The paths of the API. They are a contract.</summary>
internal static class ApiPaths
{
    internal const string Groups = "/v1/groups";
    internal const string Group = "/v1/groups/{group}";
    internal const string Sessions = "/v1/groups/{group}/sessions";
    internal const string Session = "/v1/groups/{group}/sessions/{id}";
    internal const string Keys = "/v1/keys";
    internal const string KeyRotation = "/v1/keys/rotation";
    internal const string Quarantine = "/v1/quarantine";
    internal const string Cluster = "/v1/cluster";
    internal const string Health = "/healthz";
    internal const string Readiness = "/readyz";
    internal const string Metrics = "/metrics";
    internal const string Description = "/openapi/{documentName}.json";
}
