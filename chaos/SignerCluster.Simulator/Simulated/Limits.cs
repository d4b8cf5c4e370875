using SignerCluster.Actors.SigningSessions;
using SignerCluster.Journal.Keys;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Participants;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>How a world's nodes are configured. Short lives of nonces and sessions are faults, because they cost the protocol something.</summary>
internal sealed record Limits(MailboxSettings Mailboxes, ParticipantSettings Participant, KeyKeeperSettings Keys, bool SessionsMayExpire)
{
    internal static Limits Choose(Choices choices, FaultPlan faults)
    {
        bool nonces = faults.Happens(FaultKind.NonceExpiryShort);
        bool sessions = faults.Happens(FaultKind.SessionExpiryShort);
        bool capacity = faults.Happens(FaultKind.NonceCapacitySmall);
        bool fewMessages = faults.Happens(FaultKind.KeyWearsOutSoon);
        return new Limits(
            new MailboxSettings { IdleAfter = TimeSpan.FromSeconds(choices.Between(2, 60)) },
            new ParticipantSettings
            {
                Nonces = new NonceVaultSettings
                {
                    ExpireAfter = TimeSpan.FromSeconds(nonces || capacity ? choices.Between(2, 40) : 600),
                    Capacity = capacity ? choices.Between(5, 7) : 100_000,
                },
                SessionExpiry = sessions ? TimeSpan.FromSeconds(choices.Between(30, 300)) : TimeSpan.FromDays(300),
            },
            new KeyKeeperSettings
            {
                BackgroundPeriod = TimeSpan.FromSeconds(choices.Between(1, 20)),
                RowsPerPeriod = choices.Between(1, 40),
                ProviderPause = TimeSpan.FromSeconds(choices.Between(1, 20)),
                MessagesPerReservation = fewMessages ? choices.Between(4, 30) : 1L << 20,
                MessagesPerKey = fewMessages ? choices.Between(300, 600) : 1L << 32,
            },
            sessions);
    }
}
