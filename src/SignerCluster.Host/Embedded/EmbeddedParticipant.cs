using Akka.Actor;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Links;
using SignerCluster.Actors.Sharding;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Frost;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Embedded;

/// <summary>A participant of an embedded cluster: its region and its nonces, which a stop destroys and a start makes anew.</summary>
internal sealed class EmbeddedParticipant(JournalSystem system, EmbeddedParty party, EmbeddedClusterSettings settings, Entropy entropy, TimeProvider time)
{
    private int _lives;
    private volatile Life? _life;

    internal string Name => party.Name;

    internal IJournal Journal => party.Journal;

    internal GroupDirectory Groups => party.Groups;

    /// <summary>Where its entities are; null while it is stopped.</summary>
    internal ParticipantRegions? Regions => _life?.Regions;

    internal int NoncesHeld => _life?.Vault.Count ?? 0;

    internal bool Holds(GroupId group, SeatId seat) => party.Groups.StandingOf(group).HeldSeats.Contains(seat);

    /// <summary>Throws <see cref="InvalidOperationException"/> while it is running.</summary>
    internal void Start()
    {
        if (_life is not null)
        {
            throw new InvalidOperationException($"{party.Name} is running already.");
        }

        // A region's name is taken for as long as the system lives, so each life has one of its own.
        string life = $"{party.Name}.{++_lives}";
        GuardianParts guardian = new(AkkaSettings.JournalOf(party.Name), party.Quarantine, time)
        {
            Checkpoints = AkkaSettings.CheckpointsOf(party.Name),
        };
        IActorRef guardians = EntityRegion.Start(
            system.System, $"guardian-{life}", id => GroupGuardianActor.Props(id, guardian), system.ExpectationsOf(party.Name));
        NonceVault vault = new(settings.Nonces, time);
        SeatParts parts = new(
            AkkaSettings.JournalOf(party.Name),
            vault,
            new SeatKeeper(vault, party.Groups.ShareOf, entropy),
            guardians,
            party.Groups.StandingOf,
            party.Quarantine,
            settings.SessionExpiry);
        IActorRef seats = EntityRegion.Start(
            system.System, $"signing-session-{life}", id => SigningSessionActor.Props(id, parts), system.ExpectationsOf(party.Name));
        _life = new Life(new ParticipantRegions(seats, guardians), vault);
    }

    /// <summary>Wakes its open sessions, so that those which nobody finishes expire.</summary>
    internal void StartWaker()
    {
        if (_life is { } life)
        {
            system.System.ActorOf(
                WakerActor.Props(new WakerParts(() => EmbeddedCluster.ListOpen(party.Journal, EntityKind.SigningSession), life.Regions.Seats, settings.Waker)),
                $"waker-{party.Name}.{_lives}");
        }
    }

    /// <summary>Lets messages in progress finish, then wipes every nonce.</summary>
    internal async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _life, null) is { } life)
        {
            await life.Regions.Seats.GracefulStop(settings.StopPatience, Akka.Cluster.Sharding.GracefulShutdown.Instance);
            await life.Regions.Guardians.GracefulStop(settings.StopPatience, Akka.Cluster.Sharding.GracefulShutdown.Instance);
            life.Vault.Dispose();
        }
    }

    private sealed record Life(ParticipantRegions Regions, NonceVault Vault);
}
