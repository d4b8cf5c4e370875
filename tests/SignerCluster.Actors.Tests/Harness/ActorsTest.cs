using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Journal.Persistence;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>A test with an actor system of its own: our settings, a journal plugin for each party, and time that moves only when the test moves it.</summary>
public abstract class ActorsTest : TestKit
{
    internal const string Party = "tested";
    internal const string AnotherNode = "another-node";

    /// <summary>A plugin that is no journal of ours: it fails as Akka's own testkit lets it.</summary>
    internal const string ForeignPlugin = "signer.journal.foreign";

    /// <summary>A plugin that never replays the last event.</summary>
    internal const string ForgetfulPlugin = "signer.journal.forgetful";
    private readonly JournalSetup _journals;

    protected ActorsTest()
        : this(new JournalSetup())
    {
    }

    private ActorsTest(JournalSetup journals)
        : base(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Settings()), journals))
    {
        _journals = journals;
        Sys.ActorOf(LostMessages.Props(), "lost-messages");
        NoGuardians = Sys.ActorOf(NoGuardian.Props, "no-guardians");
    }

    /// <summary>Where guardians are asked by entities of groups that have none.</summary>
    internal IActorRef NoGuardians { get; }

    /// <summary>Moves the time of all timers of actors.</summary>
    internal TestScheduler Time => (TestScheduler)Sys.Scheduler;

    /// <summary>Puts a journal behind a party's plugin and returns the plugin's id.</summary>
    internal string PluginOver(IJournal journal, string party = Party)
    {
        PartyJournal entities = new(new MemoryJournal(), new ManualTime());
        entities.Open(journal);
        _journals.Add(party, entities);
        return $"signer.journal.{party}";
    }

    /// <summary>Puts a store without keys behind a plugin: only a key ring can be read from it.</summary>
    internal string PluginOverStore(IJournalStore store)
    {
        _journals.Add(Party, new PartyJournal(store, new ManualTime()));
        return $"signer.journal.{Party}";
    }

    /// <summary>A place for the entities of one kind, as a region is.</summary>
    internal LocalRegion Region(Func<Protocol.Entities.EntityId, Props> activate) => LocalRegion.Start(Sys, activate);

    /// <summary>Has the actor done with everything that it was working on, so that whatever it was going to send is sent?</summary>
    internal async Task IsAtRestAsync(IActorRef actor)
    {
        // What it asked a guardian on the way is answered, and the answer read.
        foreach (IActorRef asked in (IActorRef[])[actor, NoGuardians, actor])
        {
            ActorIdentity identity = await asked.Ask<ActorIdentity>(new Identify(asked), RemainingOrDefault);
            Assert.Equal(asked, identity.Subject);
        }
    }

    /// <summary>All that a probe was told until the actor had done with everything that it was working on.</summary>
    internal async Task<bool> WasToldNothingAsync(TestKitBase probe, IActorRef by)
    {
        await IsAtRestAsync(by);
        return !probe.HasMessages;
    }

    /// <summary>The actor's end was seen.</summary>
    internal static async Task HasEndedAsync(IActorRef actor)
    {
        Assert.True(await actor.WatchAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        // Its region hears of it by a message of its own: that is there when a first question is answered, and read when a second one is.
        for (int question = 1; question <= 2; question++)
        {
            await ((IInternalActorRef)actor).Parent.Ask<ActorIdentity>(new Identify(question), TimeSpan.FromSeconds(30));
        }
    }

    private static Config Settings()
    {
        string plugins = string.Concat(Enumerable.Range(0, 5).Select(static number => $"seat-{number}").Append(Party).Append(AnotherNode).Select(static party =>
            $$"""

            signer.journal.{{party}} {
              class = "SignerCluster.Journal.Persistence.SealedWriteJournal, SignerCluster.Journal"
              party = "{{party}}"
            }
            signer.checkpoints.{{party}} {
              class = "SignerCluster.Journal.Persistence.SealedCheckpoints, SignerCluster.Journal"
              party = "{{party}}"
            }
            """));
        return ConfigurationFactory.ParseString(
                """
                akka.actor.provider = local
                akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
                akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
                akka.test.default-timeout = 30s
                akka.test.single-expect-default = 30s
                signer.journal.foreign.class = "Akka.Persistence.TestKit.TestJournal, Akka.Persistence.TestKit"
                signer.journal.forgetful.class = "SignerCluster.Actors.Tests.Harness.ForgetfulJournal, SignerCluster.Actors.Tests"
                """ + plugins)
            .WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "akka.conf"))))
            .WithFallback(Persistence.DefaultConfig());
    }
}
