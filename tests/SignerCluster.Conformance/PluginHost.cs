using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using SignerCluster.Journal;
using SignerCluster.Journal.Persistence;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Conformance;

/// <summary>An actor system with two instances of the journal plugin, as two nodes have, over journals that a test gives.</summary>
public sealed class PluginHost : IAsyncDisposable
{
    public const string Here = "here";
    public const string Elsewhere = "elsewhere";

    /// <summary>How long an answer is waited for before a test fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly JournalSetup _parties = new();
    private ActorSystem _system = null!;

    private PluginHost()
    {
    }

    /// <summary>Both plugins over one journal.</summary>
    public static async Task<PluginHost> StartAsync(IJournal entities)
    {
        PluginHost host = new();
        string plugins = string.Concat(((string[])[Here, Elsewhere]).Select(static party =>
            $$"""

            {{party}} {
              class = "SignerCluster.Journal.Persistence.SealedWriteJournal, SignerCluster.Journal"
              party = "{{party}}"
            }
            """));
        Config config = ConfigurationFactory.ParseString("akka.actor.provider = local\nakka.loggers = []" + plugins)
            .WithFallback(ConfigurationFactory.ParseString(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "hocon", "akka.conf"))))
            .WithFallback(Akka.Persistence.Persistence.DefaultConfig());
        host.Open(Here, entities);
        host.Open(Elsewhere, entities);
        host.Create(config);
        return host;
    }

    /// <summary>From its next start on, a plugin is over this journal.</summary>
    public void Open(string node, IJournal entities) => Close(node, new MemoryJournal()).Open(entities);

    /// <summary>From its next start on, a plugin is over this store, and its keys are not open.</summary>
    public PartyJournal Close(string node, IJournalStore store)
    {
        PartyJournal journal = new(store, TimeProvider.System);
        _parties.Add(node, journal);
        return journal;
    }

    /// <summary>What the first plugin is told before an entity gets a message.</summary>
    public void Expect(EntityId id, bool @new) => _parties.Of(Here).Expect(id, @new);

    /// <summary>Plugins take their journal when they start.</summary>
    public async Task RestartAsync()
    {
        Config config = _system.Settings.Config;
        await _system.Terminate();
        Create(config);
    }

    /// <summary>An activation of the entity.</summary>
    public IActorRef Activate(EntityId id, string node = Here) => _system.ActorOf(Props.Create(() => new StoringEntity(id, node)));

    /// <summary>What became of a write.</summary>
    public static Task<AppendOutcome> StoreAsync(IActorRef entity, params IReadOnlyList<byte[]> messages) =>
        entity.Ask<AppendOutcome>(new StoringEntity.Store(messages), Patience);

    /// <summary>What an activation knows of itself.</summary>
    public static Task<StoringEntity.Shown> ShowAsync(IActorRef entity) => entity.Ask<StoringEntity.Shown>(new StoringEntity.Show(), Patience);

    /// <summary>Ends an activation.</summary>
    public static async Task EndAsync(IActorRef activation)
    {
        Task<bool> ended = activation.WatchAsync();
        activation.Tell(new StoringEntity.Leave(), ActorRefs.NoSender);
        await ended.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync() => await _system.Terminate();

    private void Create(Config config) =>
        _system = ActorSystem.Create("journals", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), _parties)).WithTimerStarted();
}
