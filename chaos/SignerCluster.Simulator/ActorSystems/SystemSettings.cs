using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Persistence;
using SignerCluster.Actors;
using SignerCluster.Actors.Guardians;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>What a simulated actor system is told: that every step of it is the world's, then the product's own <c>hocon/akka.conf</c>.</summary>
internal static class SystemSettings
{
    internal const string Journal = "signer.journal.own";
    internal const string RingJournal = "signer.journal.own-ring";
    internal const string Party = "own";

    private const string Simulated = """
        akka {
          actor.provider = local
          scheduler.implementation = "SignerCluster.Simulator.ActorSystems.StepScheduler, signer-simulator"
          actor.default-dispatcher { type = ${type}, throughput = 1 }
          actor.internal-dispatcher { type = ${type}, throughput = 1 }
          persistence.dispatchers.default-plugin-dispatcher { type = ${type}, throughput = 1 }
          persistence.dispatchers.default-replay-dispatcher { type = ${type}, throughput = 1 }
          # The breaker's clock is the real one.
          persistence.journal-plugin-fallback.circuit-breaker.call-timeout = infinite
          persistence.snapshot-store-plugin-fallback.circuit-breaker.call-timeout = infinite
          loggers = []
          loglevel = ERROR
          coordinated-shutdown.run-by-actor-system-terminate = off
        }
        type = "SignerCluster.Simulator.ActorSystems.StepDispatcherConfigurator, signer-simulator"
        signer.journal {
          own { class = ${class}, party = own }
          own-ring { class = ${class}, party = own }
        }
        signer.checkpoints.own {
          class = "SignerCluster.Journal.Persistence.SealedCheckpoints, SignerCluster.Journal"
          party = own
        }
        class = "SignerCluster.Journal.Persistence.SealedWriteJournal, SignerCluster.Journal"
        """;

    // Few, so that worlds recover from checkpoints, and from several.
    private const int CheckpointAfter = 3;

    // One a thread: seeds share nothing.
    [ThreadStatic]
    private static Config? _config;

    internal static Config Config => _config ??= new Merged(ConfigurationFactory.ParseString(Simulated)
        .WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "akka.conf"))))
        .WithFallback(Persistence.DefaultConfig())
        .WithFallback(ConfigurationFactory.Default()));

    /// <summary>What a guardian of a simulated party works with.</summary>
    internal static GuardianParts Guardian(Quarantine quarantine, TimeProvider time) => new(Journal, quarantine, time)
    {
        Checkpoints = "signer.checkpoints.own",
        Settings = new GuardianSettings { CheckpointAfter = CheckpointAfter },
    };

    /// <summary>Has Akka's defaults in it, which every actor system of thousands would otherwise merge anew.</summary>
    private sealed class Merged(Config config) : Config(new HoconRoot(config.Root))
    {
        public override Config WithFallback(Config fallback) => this;
    }
}
