using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace SignerCluster.Cluster.Tests;

/// <summary>The private PostgreSQL that tests, chaos and a cluster on one machine stand on.</summary>
public sealed class ServersTests : IAsyncLifetime
{
    private readonly Signer _signer = new();

    public Task InitializeAsync() => _signer.InitializeAsync();

    public Task DisposeAsync() => _signer.DisposeAsync();

    [Fact]
    public async Task A_server_that_is_stopped_leaves_no_process_and_comes_back_at_the_same_place()
    {
        JsonElement first = await _signer.JsonAsync("cluster", "servers", "up");
        Assert.NotEmpty(_signer.Running());
        Assert.Equal(JsonValueKind.Null, (await _signer.JsonAsync("cluster", "servers", "down")).GetProperty("tests").ValueKind);
        Assert.Empty(_signer.Running());

        JsonElement second = await _signer.JsonAsync("cluster", "servers", "up");
        Assert.Equal(Place(first), Place(second));
        Assert.Equal(Tests(first), Tests(second));
    }

    [Fact]
    public async Task A_server_that_was_killed_starts_again_and_one_that_is_frozen_can_be_stopped()
    {
        JsonElement up = await _signer.JsonAsync("cluster", "servers", "up");
        Signal("-KILL", Id(up));
        up = await _signer.JsonAsync("cluster", "servers", "up");
        Assert.NotEqual(JsonValueKind.Null, up.GetProperty("tests").ValueKind);

        Signal("-STOP", Id(up));
        await _signer.JsonAsync("cluster", "servers", "down");
        Assert.Empty(_signer.Running());
    }

    [Fact]
    public async Task A_start_that_was_killed_halfway_is_cleared_away_and_can_be_repeated()
    {
        using (Process halfway = _signer.Start("cluster", "servers", "up"))
        {
            // What it makes the data with takes seconds.
            Assert.True(SpinUntil(() => _signer.Running().Any(static words => words.Contains("initdb", StringComparison.Ordinal))), "It did not begin.");
            halfway.Kill();
            await halfway.WaitForExitAsync();
        }

        await _signer.JsonAsync("cluster", "servers", "down");
        Assert.Empty(_signer.Running());
        Assert.NotEqual(JsonValueKind.Null, (await _signer.JsonAsync("cluster", "servers", "up")).GetProperty("tests").ValueKind);
    }

    [Fact]
    public async Task It_listens_on_loopback_only()
    {
        JsonElement up = await _signer.JsonAsync("cluster", "servers", "up");
        string[] table = await File.ReadAllLinesAsync("/proc/net/tcp");
        string[] open = [.. table.Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static words => words[3] == "0A")
            .Select(static words => words[1])];
        int port = Place(up);
        Assert.Equal([$"0100007F:{port:X4}"], open.Where(place => place.EndsWith($":{port:X4}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_port_that_somebody_else_took_meanwhile_is_named()
    {
        int port = Place(await _signer.JsonAsync("cluster", "servers", "up"));
        await _signer.JsonAsync("cluster", "servers", "down");
        using TcpListener other = new(System.Net.IPAddress.Loopback, port);
        other.Start();
        (int exit, _, string errors) = await _signer.RunAsync("cluster", "servers", "up");
        Assert.Equal(3, exit);
        Assert.Contains($"{port}", errors, StringComparison.Ordinal);
    }

    private static int Place(JsonElement servers) => servers.GetProperty("postgres").GetProperty("port").GetInt32();

    private static Dictionary<string, string> Tests(JsonElement servers) =>
        servers.GetProperty("tests").EnumerateObject().ToDictionary(static variable => variable.Name, static variable => variable.Value.GetString()!);

    private static int Id(JsonElement servers) => servers.GetProperty("postgres").GetProperty("pid").GetInt32();

    private static void Signal(string signal, int id)
    {
        using Process kill = Process.Start("kill", [signal, $"{id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private static bool SpinUntil(Func<bool> isSo)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(1))
            {
                return false;
            }
        }

        return true;
    }
}
