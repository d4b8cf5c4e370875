using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>An engine that asks the entities of its own party, through the broker and back.</summary>
[Collection(BrokerTests.Name)]
public sealed class RabbitMqEngineTests(TestBroker broker) : EngineSpec
{
    protected override async ValueTask<IEngine> StartAsync(IReadOnlyDictionary<string, Func<EntityId, IEntity>> kinds, int capacityPerEntity)
    {
        var local = new Mailboxes(new MailboxSettings { CapacityPerEntity = capacityPerEntity }, TimeProvider.System, kinds);
        string party = broker.Coordinator;
        var routes = new BrokerRoutes(entity => kinds.ContainsKey(entity.Kind) ? party : null, [party]);
        return new Node(await TestBroker.StartAsync(broker.SettingsOf(party, "spec"), routes, local), local);
    }

    private sealed class Node(RabbitMqEngine engine, Mailboxes local) : IEngine, IAsyncDisposable
    {
        public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
            engine.AskAsync(to, request, cancellation);

        public async ValueTask DisposeAsync()
        {
            await engine.DisposeAsync();
            await local.DisposeAsync();
        }
    }
}
