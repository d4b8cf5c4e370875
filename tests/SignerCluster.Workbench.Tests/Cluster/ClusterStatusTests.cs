using System.Text.Json;
using SignerCluster.Host.Tests.Verbs;

namespace SignerCluster.Workbench.Tests.Cluster;

public sealed class ClusterStatusTests
{
    [Fact]
    public async Task F18_Status_ends_as_unavailable_when_no_node_runs()
    {
        string folder = Directory.CreateTempSubdirectory("signer-status-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "cluster.json"), """
            {
              "version": 2, "group": "aa", "outputKey": "bb", "address": "bcrt1", "threshold": 1, "participants": 1, "servers": { "postgres": null },
              "nodes": [
                {
                  "name": "alice-1", "party": "alice", "role": "participant", "config": "/nowhere/alice-1.conf",
                  "environment": { "SIGNER_CLUSTER_NODE": "nobody-has-this" }, "url": "http://127.0.0.1:1", "pid": null, "log": "/nowhere/alice-1.log"
                }
              ]
            }
            """);
        Ended ended = await WorkbenchProcess.RunAsync("cluster", "status", "--data", folder, "--json");
        Assert.Equal(3, ended.ExitCode);
        JsonElement node = Assert.Single(ended.Json().GetProperty("nodes").EnumerateArray());
        Assert.Equal("down", node.GetProperty("state").GetString());
        Directory.Delete(folder, recursive: true);
    }
}
