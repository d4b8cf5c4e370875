using SignerCluster.Runtime.Engine;

namespace SignerCluster.Conformance;

/// <summary>An entity whose handling is a test's function. It counts its disposal, which is when it leaves memory.</summary>
public sealed class ScriptedEntity(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> handle, Action? onLeave = null)
    : IEntity, IDisposable
{
    public bool IsIdle { get; set; } = true;

    public ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping) => handle(request, stopping);

    public void Dispose() => onLeave?.Invoke();
}
