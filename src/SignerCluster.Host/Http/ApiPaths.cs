namespace SignerCluster.Host.Http;

/// <summary>The paths of the API. They are a contract.</summary>
internal static class ApiPaths
{
    internal const string Groups = "/v1/groups";
    internal const string Group = "/v1/groups/{group}";
    internal const string Sessions = "/v1/groups/{group}/sessions";
    internal const string Session = "/v1/groups/{group}/sessions/{id}";
    internal const string Withdrawals = "/v1/groups/{group}/withdrawals";
    internal const string Withdrawal = "/v1/groups/{group}/withdrawals/{id}";
    internal const string Guardian = "/v1/groups/{group}/guardian";
    internal const string Freeze = "/v1/groups/{group}/guardian/freeze";
    internal const string Unfreeze = "/v1/groups/{group}/guardian/unfreeze";
    internal const string Stop = "/v1/groups/{group}/stop";
    internal const string Resume = "/v1/groups/{group}/resume";
    internal const string Capacity = "/v1/groups/{group}/capacity";
    internal const string JobSubmit = "/v1/{route:regex(^(self_v1|qc_v1)$)}/signer/requests";
    internal const string JobPoll = "/v1/{route:regex(^(self_v1|qc_v1)$)}/signer/requests:poll";
    internal const string JobPollOne = "/v1/{route:regex(^(self_v1|qc_v1)$)}/signer/requests/{id}:poll";
    internal const string JobAbandon = "/v1/{route:regex(^(self_v1|qc_v1)$)}/signer/requests/{id}:abandon";
    internal const string Certificates = "/v1/admin/signer-approval-certificates";
    internal const string Keys = "/v1/keys";
    internal const string KeyRotation = "/v1/keys/rotation";
    internal const string Quarantine = "/v1/quarantine";
    internal const string Cluster = "/v1/cluster";
    internal const string Health = "/healthz";
    internal const string Readiness = "/readyz";
    internal const string Metrics = "/metrics";
    internal const string Description = "/openapi/{documentName}.json";
}
