using Akka.Actor;
using SignerCluster.Actors.Sharding;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Frost;
using SignerCluster.Journal;
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

    /// <summary>Where its seats' sessions are; null while it is stopped.</summary>
    internal IActorRef? Region => _life?.Region;

    internal int NoncesHeld => _life?.Vault.Count ?? 0;

    internal bool Holds(GroupId group, SeatId seat) => party.Groups.StandingOf(group).HeldSeats.Contains(seat);

    /// <summary>Throws <see cref="InvalidOperationException"/> while it is running.</summary>
    internal void Start()
    {
        if (_life is not null)
        {
            throw new InvalidOperationException($"{party.Name} is running already.");
        }

        NonceVault vault = new(settings.Nonces, time);
        SeatParts parts = new(
            AkkaSettings.JournalOf(party.Name),
            vault,
            new SeatKeeper(vault, party.Groups.ShareOf, entropy),
            party.Groups.StandingOf,
            party.Quarantine,
            settings.SessionExpiry);
        // A region's name is taken for as long as the system lives, so each life has one of its own.
        string name = $"signing-session-{party.Name}.{++_lives}";
        _life = new Life(EntityRegion.Start(system.System, name, id => SigningSessionActor.Props(id, parts), system.ExpectationsOf(party.Name)), vault);
    }

    /// <summary>Wakes its open sessions, so that those which nobody finishes expire.</summary>
    internal void StartWaker()
    {
        if (_life is { } life)
        {
            system.System.ActorOf(
                WakerActor.Props(new WakerParts(() => EmbeddedCluster.ListOpen(party.Journal, EntityKind.SigningSession), life.Region, settings.Waker)),
                $"waker-{party.Name}.{_lives}");
        }
    }

    /// <summary>Lets messages in progress finish, then wipes every nonce.</summary>
    internal async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _life, null) is { } life)
        {
            await life.Region.GracefulStop(settings.StopPatience, Akka.Cluster.Sharding.GracefulShutdown.Instance);
            life.Vault.Dispose();
        }
    }

    private sealed record Life(IActorRef Region, NonceVault Vault);
}
