using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.Wakers;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.ActorSystems;

/// <summary>How a world's actors are configured, and how often its clients wait for the end.</summary>
internal sealed class ActorLimits
{
    private readonly Choices _choices;
    private readonly int _waitsPerMille;

    internal ActorLimits(Choices choices)
    {
        _choices = choices;
        _waitsPerMille = choices.Pick([0, 500, 900]);
        Waker = new WakerSettings
        {
            Period = TimeSpan.FromSeconds(choices.Between(5, 60)),
            PageLength = choices.Between(1, 20),
            PagePause = TimeSpan.FromMilliseconds(choices.Between(1, 200)),
        };
        Seats = new SeatAskSettings
        {
            AnswerTimeout = TimeSpan.FromSeconds(choices.Between(1, 30)),
            SparePause = TimeSpan.FromMilliseconds(choices.Pick([0, 0, 20, 500])),
        };
    }

    internal WakerSettings Waker { get; }

    internal SeatAskSettings Seats { get; }

    internal bool ClientWaits() => _choices.PerMille(_waitsPerMille);
}
