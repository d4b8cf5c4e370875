using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>What nodes of the tests host.</summary>
internal static class Hosts
{
    /// <summary>Answers every request with itself.</summary>
    public static Mailboxes Echo() => Of(static (request, _) => new(request));

    /// <summary>Answers every request with one byte.</summary>
    public static Mailboxes Saying(byte word) => Of((_, _) => new((byte[])[word]));

    public static Mailboxes Of(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> handle) => new(
        new MailboxSettings(),
        TimeProvider.System,
        new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { ["echo"] = _ => new ScriptedEntity(handle) });

    /// <summary>An engine that is one function.</summary>
    public static IEngine Engine(Func<EntityId, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> ask) => new Function(ask);

    private sealed class Function(Func<EntityId, ReadOnlyMemory<byte>, ValueTask<ReadOnlyMemory<byte>>> ask) : IEngine
    {
        public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) => ask(to, request);
    }
}
