using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>Runs one world under a seed: any order, duplicates, losses, restarts of seats and of the coordinator.</summary>
internal sealed class RandomSchedule(int seed, int mischief)
{
    private const int MaximumSteps = 20_000;
    private readonly Random _random = new(seed);
    private readonly Dictionary<int, int> _restarts = [];
    private int _mischief = mischief;

    /// <summary>Runs until the session ended or nothing more can happen. Losses are made good by the coordinator asking again.</summary>
    internal World Run(World world)
    {
        bool lost = false;
        for (int step = 0; step < MaximumSteps && !world.HasEnded; step++)
        {
            if (world.Bag.IsEmpty)
            {
                if (!lost)
                {
                    return world;
                }

                (world, lost) = (world.RestartCoordinator(), false);
                continue;
            }

            int index = _random.Next(world.Bag.Count);
            switch (_mischief > 0 ? _random.Next(12) : 12)
            {
                case 0:
                    (world, _mischief) = (world.Duplicate(index), _mischief - 1);
                    break;
                case 1:
                    (world, _mischief, lost) = (world.Drop(index), _mischief - 1, true);
                    break;
                case 2:
                    world = RestartSeat(world);
                    break;
                case 3:
                    (world, _mischief) = (world.RestartCoordinator(), _mischief - 1);
                    break;
                default:
                    world = world.Deliver(index);
                    break;
            }
        }

        return world;
    }

    /// <summary>Delivers what is still under way after the end, in any order: nothing may change any more.</summary>
    internal World Drain(World world)
    {
        while (!world.Bag.IsEmpty)
        {
            world = world.Deliver(_random.Next(world.Bag.Count));
        }

        return world;
    }

    /// <summary>An honest seat restarts no oftener than a seat may drop out; more often makes it one of the n-t that may fail.</summary>
    private World RestartSeat(World world)
    {
        _mischief--;
        int seat = _random.Next(world.Seats.Length);
        int restarts = _restarts.GetValueOrDefault(seat);
        if (restarts >= SeatRoster.DropOutAllowance)
        {
            return world;
        }

        _restarts[seat] = restarts + 1;
        return world.RestartSeat(seat);
    }
}
