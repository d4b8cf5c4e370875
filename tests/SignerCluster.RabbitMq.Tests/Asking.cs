using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

internal static class Asking
{
    private static readonly TimeSpan _watchdog = TimeSpan.FromSeconds(60);

    public static Task<ReadOnlyMemory<byte>> AskAsync(this IEngine engine, string entity, params byte[] request) =>
        engine.AskAsync(EntityId.Parse(entity), request, CancellationToken.None).AsTask();

    /// <summary>The fault that the ask ends with.</summary>
    public static async Task<EngineException> FailAsync(this IEngine engine, string entity, params byte[] request) =>
        await Assert.ThrowsAsync<EngineException>(() => engine.AskAsync(entity, request));

    /// <summary>Asks until an answer comes; any fault on the way must be transient.</summary>
    public static async Task<byte[]> PersistAsync(this IEngine engine, string entity, params byte[] request)
    {
        using var watchdog = new CancellationTokenSource(_watchdog);
        while (true)
        {
            try
            {
                return (await engine.AskAsync(entity, request)).ToArray();
            }
            catch (EngineException fault) when (fault.IsTransient && !watchdog.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }
}
