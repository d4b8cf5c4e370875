using System.Diagnostics;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>Asker and handler in one process, the broker beside it: asks a second, CPU an ask, and how long a lone ask takes.</summary>
internal static class Measurement
{
    private const int LoneAsks = 3000;
    private const int RequestBytes = 700;

    public static async Task<int> RunAsync(int asks)
    {
        var broker = new TestBroker();
        await broker.InitializeAsync();
        try
        {
            await using Mailboxes local = Hosts.Echo();
            await using RabbitMqEngine handler = await broker.StartAsync(broker.Alice, "alice-1", local);
            await using RabbitMqEngine asker = await broker.StartAskerAsync();
            foreach (int callers in (int[])[64, 64, 64, 1, 8, 256])
                await ManyAsync(asker, callers, callers == 1 ? asks / 10 : asks);
            await LoneAsync(asker);
            return 0;
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }

    private static async Task ManyAsync(RabbitMqEngine asker, int callers, int asks)
    {
        byte[] request = new byte[RequestBytes];
        using Process self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            EntityId to = EntityId.Parse($"echo/alice/{caller}");
            for (int i = 0; i < asks / callers; i++)
                await asker.AskAsync(to, request, CancellationToken.None);
        })));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        self.Refresh();
        double cpu = (self.TotalProcessorTime - before).TotalMicroseconds / asks;
        await Console.Out.WriteLineAsync(
            $"{callers} callers: {asks / seconds:F0} asks/s, "
            + $"{cpu:F0} µs CPU and {(GC.GetTotalAllocatedBytes() - allocated) / asks} bytes allocated an ask (asker and handler)");
    }

    private static async Task LoneAsync(RabbitMqEngine asker)
    {
        EntityId to = EntityId.Parse("echo/alice/lone");
        byte[] request = new byte[RequestBytes];
        double[] milliseconds = new double[LoneAsks];
        for (int i = 0; i < LoneAsks; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await asker.AskAsync(to, request, CancellationToken.None);
            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(milliseconds);
        await Console.Out.WriteLineAsync($"a lone ask: p50 {milliseconds[LoneAsks / 2]:F3} ms, p99 {milliseconds[LoneAsks * 99 / 100]:F3} ms");
    }
}
