using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace SignerCluster.Cluster.Tests;

/// <summary>A whole cluster of processes, brought up and down as people do it.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private static readonly string _message = new('a', 64);
    private readonly Signer _signer = new();
    private readonly string _port = $"{Signer.FreePorts()}";

    public Task InitializeAsync() => _signer.InitializeAsync();

    public Task DisposeAsync() => _signer.DisposeAsync();

    [Fact]
    public async Task A_cluster_signs_also_after_a_coordinator_was_killed_and_leaves_nothing_running()
    {
        JsonElement up = await _signer.JsonAsync("cluster", "up", "--http-port", _port);
        Assert.Equal(["coordinator-1", "coordinator-2", "alice-1", "bob-1", "carol-1"], Nodes(up).Select(static node => node.GetProperty("name").GetString()));
        IReadOnlyDictionary<string, string> secrets = Secrets();
        AssertHidden(secrets.Values);
        string first = await SignAsync(up, coordinator: 0);

        Kill(Id(up, "coordinator-1"));
        Assert.NotEqual(first, await SignAsync(up, coordinator: 1));
        JsonElement status = await _signer.JsonAsync("cluster", "status");
        Assert.Equal(["down", "ready", "ready", "ready", "ready"], Nodes(status).Select(static node => node.GetProperty("state").GetString()));

        JsonElement again = await _signer.JsonAsync("cluster", "up");
        Assert.NotEqual(Id(up, "coordinator-1"), Id(again, "coordinator-1"));
        Assert.Equal(Id(up, "alice-1"), Id(again, "alice-1"));
        await SignAsync(again, coordinator: 0);

        await _signer.JsonAsync("cluster", "down");
        Assert.Equal(3, (await _signer.RunAsync("cluster", "status")).Exit);
        Assert.Empty(_signer.Running());
        await _signer.JsonAsync("cluster", "down");
        JsonElement later = await _signer.JsonAsync("cluster", "up");
        Assert.Equal(up.GetProperty("group").GetString(), later.GetProperty("group").GetString());
        Assert.Equal(secrets, Secrets());
        await SignAsync(later, coordinator: 1);
    }

    [Fact]
    public async Task Making_a_cluster_that_was_broken_off_starts_afresh()
    {
        using (Process halfway = _signer.Start("cluster", "up", "--http-port", _port))
        {
            string file = Path.Combine(_signer.Folder, "roster.json");
            long start = TimeProvider.System.GetTimestamp();
            while (!File.Exists(file))
            {
                Assert.True(!halfway.HasExited && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(2), "The roster was not written.");
            }

            halfway.Kill();
            await halfway.WaitForExitAsync();
        }

        JsonElement up = await _signer.JsonAsync(
            "cluster", "up", "--participants", "2", "--participant-nodes", "2", "--coordinators", "1", "--http-port", _port, "--no-nodes");
        Assert.Equal(["coordinator-1", "alice-1", "bob-1", "alice-2", "bob-2"], Nodes(up).Select(static node => node.GetProperty("name").GetString()));
        Assert.All(Nodes(up), static node => Assert.Equal(JsonValueKind.Null, node.GetProperty("pid").ValueKind));
        int http = int.Parse(_port, CultureInfo.InvariantCulture);
        Assert.All(["alice-1", "alice-2"], node => Assert.Equal($"127.0.0.1:{http + 2_010},127.0.0.1:{http + 2_012}", Told(up, node, "SIGNER_NODES_ALL")));
        Assert.Equal($"127.0.0.1:{http + 2_012}", Told(up, "alice-2", "SIGNER_NODES_LISTEN"));
        Assert.Equal(Told(up, "coordinator-1", "SIGNER_LINKS_LISTEN"), Told(up, "bob-2", "SIGNER_LINKS_COORDINATORS"));
        await SignAsync(await _signer.JsonAsync("cluster", "up"), coordinator: 0);

        (int exit, _, string errors) = await _signer.RunAsync("cluster", "up", "--participants", "3");
        Assert.Equal(2, exit);
        Assert.Contains("--participants 3", errors, StringComparison.Ordinal);
        File.Delete(Path.Combine(_signer.Folder, "cluster.json"));
        (exit, _, errors) = await _signer.RunAsync("cluster", "up");
        Assert.Equal(2, exit);
        Assert.Contains("cluster_incomplete", errors, StringComparison.Ordinal);
        await _signer.JsonAsync("cluster", "down");
        Assert.Empty(_signer.Running());
    }

    [Fact]
    public async Task A_node_that_cannot_start_is_named_with_what_it_said()
    {
        await _signer.JsonAsync("cluster", "up", "--http-port", _port, "--participants", "2", "--coordinators", "1", "--no-nodes");
        using (TcpListener other = new(IPAddress.Loopback, int.Parse(_port)))
        {
            other.Start();
            (int taken, _, string port) = await _signer.RunAsync("cluster", "up");
            Assert.Equal(3, taken);
            Assert.Contains(_port, port, StringComparison.Ordinal);
        }

        File.Delete(Path.Combine(_signer.Folder, "secrets/bob/identity.key"));
        (int exit, _, string errors) = await _signer.RunAsync("cluster", "up");
        Assert.Equal(3, exit);
        Assert.Contains("bob-1 ended", errors, StringComparison.Ordinal);
        Assert.Contains("identity_missing", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bench_of_a_cluster_tells_costs_at_the_pace_of_the_machine_and_leaves_nothing()
    {
        // The user that the server runs as must be able to enter it.
        Directory.CreateDirectory(_signer.Folder);
        Dictionary<string, string> place = new() { ["TMPDIR"] = _signer.Folder };
        (int exit, string output, string errors) = await _signer.RunAsync(
            place, "bench", "--cluster", "--participants", "2", "--sessions", "30", "--concurrency", "4", "--json");
        Assert.True(exit == 0, $"bench --cluster ended with {exit}: {output}{errors}");
        JsonElement measured = JsonDocument.Parse(output).RootElement;
        Assert.Equal((30, 4), (measured.GetProperty("signatures").GetInt32(), measured.GetProperty("nodes").GetInt32()));
        double costMs =
            new[] { "coordinatorsCpuMs", "participantsCpuMs", "postgresCpuMs" }.Sum(part => measured.GetProperty(part).GetDouble());
        double verifyMs = measured.GetProperty("verifyMicroseconds").GetDouble() / 1000;
        Assert.True(verifyMs > 0 && measured.GetProperty("loneVerifyMicroseconds").GetDouble() > 0);
        Assert.Equal(costMs / verifyMs, measured.GetProperty("cpuVerifications").GetDouble(), tolerance: 1);
        Assert.Empty(_signer.Running());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_signer.Folder));
    }

    [Fact]
    public async Task Without_a_cluster_status_and_down_say_so()
    {
        Assert.Equal(2, (await _signer.RunAsync("cluster", "status")).Exit);
        Assert.Contains("no_cluster", (await _signer.RunAsync("cluster", "down")).Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_signer.Folder));
    }

    private async Task<string> SignAsync(JsonElement cluster, int coordinator)
    {
        string url = Nodes(cluster)[coordinator].GetProperty("url").GetString()!;
        JsonElement signed = await _signer.JsonAsync(
            "sign", "--url", url, "--group", cluster.GetProperty("group").GetString()!, "--message", _message, "--allow-raw");
        Assert.Equal(cluster.GetProperty("outputKey").GetString(), signed.GetProperty("outputKey").GetString());
        return signed.GetProperty("signature").GetString()!;
    }

    /// <summary>No process of the cluster shows a secret to whoever lists processes.</summary>
    private void AssertHidden(IEnumerable<string> secrets)
    {
        IReadOnlyList<string> seen = _signer.Running(withEnvironment: true);
        Assert.True(seen.Count >= 5);
        Assert.All(secrets, secret => Assert.DoesNotContain(seen, process => process.Contains(secret, StringComparison.Ordinal)));
    }

    private Dictionary<string, string> Secrets() => Directory.EnumerateFiles(Path.Combine(_signer.Folder, "secrets"), "*", SearchOption.AllDirectories)
        .Where(static path => !path.EndsWith(".pem", StringComparison.Ordinal))
        .Concat(Directory.EnumerateFiles(Path.Combine(_signer.Folder, "servers"), "*-password", SearchOption.AllDirectories))
        .ToDictionary(static path => path, path =>
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            return File.ReadAllText(path);
        });

    private static JsonElement[] Nodes(JsonElement cluster) => [.. cluster.GetProperty("nodes").EnumerateArray()];

    private static int Id(JsonElement cluster, string node) =>
        Nodes(cluster).Single(one => one.GetProperty("name").GetString() == node).GetProperty("pid").GetInt32();

    private static string? Told(JsonElement cluster, string node, string variable) =>
        Nodes(cluster).Single(one => one.GetProperty("name").GetString() == node).GetProperty("environment").GetProperty(variable).GetString();

    private static void Kill(int id)
    {
        using Process process = Process.GetProcessById(id);
        process.Kill();
    }
}
