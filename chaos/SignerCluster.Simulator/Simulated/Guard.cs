using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// Whoever puts the group of some worlds under a guardian before anything is ordered, and changes its rules now and then. Only entities that are actors have
/// guardians.
/// </summary>
internal sealed class Guard
{
    private const ulong Year = 31_536_000;
    private static readonly TimeSpan _shortPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longPause = TimeSpan.FromMinutes(2);
    private readonly World _world;
    private readonly Choices _choices;

    internal Guard(World world)
    {
        _world = world;
        _choices = Choices.For(world.Seed, "guardian");
        IsOn = world.Settings.Part == Part.Actors && _choices.PerMille(250);
        IsReady = !IsOn;
    }

    /// <summary>Is the group of this world under a guardian?</summary>
    internal bool IsOn { get; }

    /// <summary>May clients order? They wait until there is a guardian, where there is to be one.</summary>
    internal bool IsReady { get; private set; }

    internal void Begin()
    {
        if (IsOn)
        {
            _world.Spawn(_world.Outside, WorkAsync);
        }
    }

    private async Task WorkAsync()
    {
        GuardianRules rules = NewRules();
        while (!_world.Faults.AreOver)
        {
            GuardianCommand command = IsReady && _choices.PerMille(200) ? NewFreeze() : new GuardianCommand.Configure(rules);
            if (await AskAsync(command) is GuardianAnswer.Granted)
            {
                if (!IsReady)
                {
                    await Task.Delay(GuardianAsked.ProofHolds, _world.Outside.Time, CancellationToken.None);
                }

                IsReady = true;
                rules = _choices.PerMille(500) ? NewRules() : rules;
            }

            await Task.Delay(_choices.Between(_shortPause, _longPause), _world.Outside.Time, CancellationToken.None);
        }

        while (await AskAsync(new GuardianCommand.Unfreeze("the end")) is not GuardianAnswer.Granted
            || await AskAsync(new GuardianCommand.Configure(Generous)) is not GuardianAnswer.Granted)
        {
            await Task.Delay(_shortPause, _world.Outside.Time, CancellationToken.None);
        }

        IsReady = true;
    }

    private static GuardianRules Generous { get; } = new(new LimiterWindow("all", 100_000_000, 1_000_000), Year, Year, 0);

    private GuardianRules NewRules() => new(
        Protocol.Batch.Of<LimiterWindow>(
        [
            new("minute", (ulong)_choices.Between(3, 40) * 10_000, (ulong)_choices.Between(0, 5) * 500),
            .. _choices.PerMille(500) ? (LimiterWindow[])[new("hour", (ulong)_choices.Between(30, 200) * 10_000, (ulong)_choices.Between(1, 100))] : [],
        ]),
        // A seat that was away for longer would be right to refuse what the others have signed.
        MaximumAge: Year,
        MaximumSkew: Year,
        LooseningDelay: (ulong)_choices.Between(0, 600));

    private GuardianCommand NewFreeze() => _choices.PerMille(500) ? new GuardianCommand.Freeze("a reason") : new GuardianCommand.Unfreeze("another");

    private Task<GuardianAnswer?> AskAsync(GuardianCommand command)
    {
        TaskCompletionSource<GuardianAnswer?> answer = new();
        _world.Scheduler.PostIn(TimeSpan.FromSeconds(20), _world.Outside, () => answer.TrySetResult(null));
        bool asked = _world.Network.TryAsk(
            new ToGuardian(new GuardianAddress(_world.Group.Id), command),
            given => _world.Scheduler.Post(_world.Outside, () => answer.TrySetResult(given)));
        return asked ? answer.Task : Task.FromResult<GuardianAnswer?>(null);
    }
}
