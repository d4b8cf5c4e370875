using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Actors.Wakers;
using SignerCluster.Journal.Keys;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>How a world's nodes are configured. Short lives of nonces and sessions are faults, because they cost the protocol something.</summary>
/// <param name="SessionExpiry">How long a session may stay open, at a seat and at its coordinator.</param>
/// <param name="WaitsPerMille">How often a client that orders waits for the end.</param>
internal sealed record Limits(
    NonceVaultSettings Nonces,
    TimeSpan SessionExpiry,
    bool SessionsMayExpire,
    KeyKeeperSettings Keys,
    SeatAskSettings Seats,
    WakerSettings Waker,
    int WaitsPerMille)
{
    internal static Limits Choose(Choices choices, FaultPlan faults)
    {
        bool nonces = faults.Happens(FaultKind.NonceExpiryShort);
        bool sessions = faults.Happens(FaultKind.SessionExpiryShort);
        bool capacity = faults.Happens(FaultKind.NonceCapacitySmall);
        return new Limits(
            new NonceVaultSettings
            {
                ExpireAfter = TimeSpan.FromSeconds(nonces || capacity ? choices.Between(2, 40) : 600),
                Capacity = capacity ? choices.Between(5, 7) : 100_000,
            },
            sessions ? TimeSpan.FromSeconds(choices.Between(30, 300)) : TimeSpan.FromDays(300),
            sessions,
            ChooseKeys(choices, wearOutSoon: faults.Happens(FaultKind.KeyWearsOutSoon)),
            new SeatAskSettings
            {
                AnswerTimeout = TimeSpan.FromSeconds(choices.Between(1, 30)),
                SparePause = TimeSpan.FromMilliseconds(choices.Pick([0, 0, 20, 500])),
            },
            new WakerSettings
            {
                Period = TimeSpan.FromSeconds(choices.Between(5, 60)),
                PageLength = choices.Between(1, 20),
                PagePause = TimeSpan.FromMilliseconds(choices.Between(1, 200)),
            },
            choices.Pick([0, 500, 900]));
    }

    private static KeyKeeperSettings ChooseKeys(Choices choices, bool wearOutSoon) => new()
    {
        BackgroundPeriod = TimeSpan.FromSeconds(choices.Between(1, 20)),
        RowsPerPeriod = choices.Between(1, 40),
        ProviderPause = TimeSpan.FromSeconds(choices.Between(1, 20)),
        MessagesPerReservation = wearOutSoon ? choices.Between(4, 30) : 1L << 20,
        MessagesPerKey = wearOutSoon ? choices.Between(300, 600) : 1L << 32,
    };
}
