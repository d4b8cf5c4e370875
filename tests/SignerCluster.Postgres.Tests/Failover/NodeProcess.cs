using System.Diagnostics;
using System.Globalization;
using Akka.Actor;

namespace SignerCluster.Postgres.Tests.Failover;

/// <summary>A node in a process of its own, which a test may kill and stop.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;

    private NodeProcess(Process process, Address address) => (_process, Address) = (process, address);

    public Address Address { get; }

    public static async Task<NodeProcess> StartAsync(string database, Address? seed)
    {
        string[] arguments = ["exec", typeof(NodeProgram).Assembly.Location, database, .. seed is null ? (string[])[] : [seed.ToString()]];
        Process process = Process.Start(
            new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        string? address = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return new NodeProcess(process, Address.Parse(address ?? throw new InvalidOperationException("The node ended before it was up.")));
    }

    public void Kill() => _process.Kill();

    public Task StopAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async Task HasEndedAsync() => await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
