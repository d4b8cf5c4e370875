using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace SignerCluster.Cluster.Tests;

/// <summary>The private servers that tests, chaos and a cluster on one machine stand on.</summary>
public sealed class ServersTests : IAsyncLifetime
{
    private readonly Signer _signer = new();

    public Task InitializeAsync() => _signer.InitializeAsync();

    public Task DisposeAsync() => _signer.DisposeAsync();

    [Fact]
    public async Task Servers_that_are_stopped_leave_no_process_and_come_back_at_the_same_place()
    {
        JsonElement first = await _signer.JsonAsync("cluster", "servers", "up");
        Assert.NotEmpty(_signer.Running());
        Assert.Equal(JsonValueKind.Null, (await _signer.JsonAsync("cluster", "servers", "down")).GetProperty("tests").ValueKind);
        Assert.Empty(_signer.Running());

        JsonElement second = await _signer.JsonAsync("cluster", "servers", "up");
        Assert.Equal(Places(first), Places(second));
        Assert.Equal(Tests(first), Tests(second));
    }

    [Fact]
    public async Task One_server_is_stopped_and_started_while_the_other_goes_on()
    {
        int broker = Id(await _signer.JsonAsync("cluster", "servers", "up"), "rabbitmq");
        JsonElement without = await _signer.JsonAsync("cluster", "servers", "down", "postgres");
        Assert.Equal(JsonValueKind.Null, without.GetProperty("postgres").GetProperty("pid").ValueKind);
        Assert.Equal(broker, Id(without, "rabbitmq"));
        JsonElement with = await _signer.JsonAsync("cluster", "servers", "up", "postgres");
        Assert.Equal(broker, Id(with, "rabbitmq"));
        Assert.NotEqual(JsonValueKind.Null, with.GetProperty("tests").ValueKind);
    }

    [Fact]
    public async Task Servers_that_were_killed_start_again_and_servers_that_are_frozen_can_be_stopped()
    {
        JsonElement up = await _signer.JsonAsync("cluster", "servers", "up");
        Signal("-KILL", Id(up, "postgres"), Id(up, "rabbitmq"));
        up = await _signer.JsonAsync("cluster", "servers", "up");
        Assert.NotEqual(JsonValueKind.Null, up.GetProperty("tests").ValueKind);

        Signal("-STOP", Id(up, "postgres"), Id(up, "rabbitmq"));
        await _signer.JsonAsync("cluster", "servers", "down");
        Assert.Empty(_signer.Running());
    }

    [Fact]
    public async Task A_start_that_was_killed_halfway_is_cleared_away_and_can_be_repeated()
    {
        using (Process halfway = _signer.Start("cluster", "servers", "up"))
        {
            // The broker takes seconds to come up; the name server is one of the first of its processes.
            Assert.True(SpinUntil(() => _signer.Running().Any(static words => words.Contains("beam", StringComparison.Ordinal))), "The broker did not start.");
            halfway.Kill();
            await halfway.WaitForExitAsync();
        }

        await _signer.JsonAsync("cluster", "servers", "down");
        Assert.Empty(_signer.Running());
        Assert.NotEqual(JsonValueKind.Null, (await _signer.JsonAsync("cluster", "servers", "up")).GetProperty("tests").ValueKind);
    }

    [Fact]
    public async Task They_listen_on_loopback_only_and_the_broker_knows_no_guest()
    {
        JsonElement up = await _signer.JsonAsync("cluster", "servers", "up");
        string tool = Tests(up)["SIGNER_TEST_BROKER_CTL"];
        string users = Output(tool, "list_users", "--silent");
        Assert.Contains("administrator", users, StringComparison.Ordinal);
        Assert.DoesNotContain("guest", users, StringComparison.Ordinal);
        Assert.Contains("rabbitmq_consistent_hash_exchange", Output(tool, "status"), StringComparison.Ordinal);

        string[] table = await File.ReadAllLinesAsync("/proc/net/tcp");
        string[] open = [.. table.Skip(1).Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static words => words[3] == "0A")
            .Select(static words => words[1])];
        foreach (int port in Places(up))
        {
            Assert.Equal([$"0100007F:{port:X4}"], open.Where(place => place.EndsWith($":{port:X4}", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_port_that_somebody_else_took_meanwhile_is_named()
    {
        int port = Places(await _signer.JsonAsync("cluster", "servers", "up", "postgres"))[0];
        await _signer.JsonAsync("cluster", "servers", "down");
        using TcpListener other = new(System.Net.IPAddress.Loopback, port);
        other.Start();
        (int exit, _, string errors) = await _signer.RunAsync("cluster", "servers", "up", "postgres");
        Assert.Equal(3, exit);
        Assert.Contains($"{port}", errors, StringComparison.Ordinal);
    }

    private static int[] Places(JsonElement servers) =>
        [.. new[] { "postgres", "rabbitmq" }.Select(servers.GetProperty).Where(static server => server.ValueKind != JsonValueKind.Null)
            .Select(static server => server.GetProperty("port").GetInt32())];

    private static Dictionary<string, string> Tests(JsonElement servers) =>
        servers.GetProperty("tests").EnumerateObject().ToDictionary(static variable => variable.Name, static variable => variable.Value.GetString()!);

    private static int Id(JsonElement servers, string server) => servers.GetProperty(server).GetProperty("pid").GetInt32();

    private static void Signal(string signal, params int[] ids) => Output("/bin/sh", ["-c", $"kill {signal} {string.Join(' ', ids)}"]);

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

    private static string Output(string program, params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, words) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', words)} ended with {process.ExitCode}: {output}");
        return output;
    }
}
