using SignerCluster.Runtime;

namespace SignerCluster.Simulator;

/// <summary>How a world's nodes are configured. Short lives of nonces and sessions are faults, because they cost the protocol something.</summary>
internal sealed record Limits(MailboxSettings Mailboxes, ParticipantSettings Participant, bool SessionsMayExpire)
{
    internal static Limits Choose(Choices choices, FaultPlan faults)
    {
        bool nonces = faults.Happens(FaultKind.NonceExpiryShort);
        bool sessions = faults.Happens(FaultKind.SessionExpiryShort);
        bool capacity = faults.Happens(FaultKind.NonceCapacitySmall);
        return new Limits(
            new MailboxSettings { IdleAfter = TimeSpan.FromSeconds(choices.Between(2, 60)) },
            new ParticipantSettings
            {
                Nonces = new NonceVaultSettings
                {
                    ExpireAfter = TimeSpan.FromSeconds(nonces ? choices.Between(2, 40) : 600),
                    Capacity = capacity ? choices.Between(1, 3) : 100_000,
                },
                SessionExpiry = sessions ? TimeSpan.FromSeconds(choices.Between(30, 300)) : TimeSpan.FromDays(300),
            },
            sessions);
    }
}
