namespace SignerCluster.Runtime.Engine;

/// <summary>
/// One activation of an entity, used by one reader at a time. An activation that throws is dead: it is never called again and the next
/// request is given to a fresh one. One that is also <see cref="IDisposable"/> is disposed when it leaves memory, before a successor exists;
/// its <c>Dispose</c> must not throw.
/// </summary>
public interface IEntity
{
    /// <summary>Does the entity owe nothing, so that it may leave memory at once when no request waits? Asked after each request.</summary>
    bool IsIdle { get; }

    /// <summary>Handles one request to its end and returns the reply. The request's bytes stay valid afterwards.</summary>
    /// <param name="stopping">Fires when the engine is stopping and its patience (<see cref="MailboxSettings.StopGrace"/>) has run out.</param>
    ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping);
}
