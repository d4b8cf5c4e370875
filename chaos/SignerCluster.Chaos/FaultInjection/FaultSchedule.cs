using System.Collections.Concurrent;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Load;
using SignerCluster.Chaos.Plans;
using SignerCluster.Chaos.Proxy;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>Does every step of a plan when its time comes, and undoes what is to last for a while.</summary>
internal sealed class FaultSchedule(Deployment deployment, Plan plan, SigningLoad load, Deeds deeds) : IAsyncDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(3);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentBag<Task> _following = [];
    private readonly HashSet<TcpProxy> _armed = [];
    private readonly Faults _faults = new(deployment, load, deeds);
    private Task _running = Task.CompletedTask;

    /// <summary>Does what is to be done before any load, then begins; the times of steps count from the return.</summary>
    internal async Task BeginAsync()
    {
        foreach (PlannedStep planned in plan.Steps.Where(IsFirst))
        {
            await DoAsync(planned.Step, 0);
        }

        _running = Task.WhenAll(plan.Steps.Where(static planned => !IsFirst(planned)).Select(RunAsync));
    }

    /// <summary>After the load has ended: no step begins any more, and those that last are brought to their ends.</summary>
    internal async Task EndAsync()
    {
        await _over.CancelAsync();
        deployment.Heal();
        await _running.WaitAsync(_longest);
        while (_following.TryTake(out Task? following))
        {
            await following.WaitAsync(_longest);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _over.Dispose();
    }

    /// <summary>At 0 s, and once: before the first session, however long it takes.</summary>
    private static bool IsFirst(PlannedStep planned) => planned is { Trigger: Trigger.At { To.Ticks: 0 }, Step.Every: null };

    private async Task RunAsync(PlannedStep planned)
    {
        if (planned.Trigger is Trigger.OnTraffic on)
        {
            Arm(planned.Step, on);
            return;
        }

        try
        {
            await WhenAsync(planned.Trigger);
            for (int round = 0; ; round++)
            {
                await DoAsync(planned.Step, round);
                if (planned.Step.Every is not { } every)
                {
                    return;
                }

                await Task.Delay(every, _over.Token);
                if (planned.Step.Settles)
                {
                    await SettleAsync(Nodes(planned.Step, round));
                }
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // The load ended before the step's time came, which the report says.
        }
    }

    private void Arm(Step step, Trigger.OnTraffic on)
    {
        Watch watch = new(on.Text, on.From, on.Hold, () => DoAsync(step, 0));
        foreach (string node in plan.Nodes(on.Node, step.Number, 0))
        {
            foreach (TcpProxy proxy in deployment.Proxies(node, on.Server))
            {
                if (!_armed.Add(proxy))
                {
                    throw new UsageException($"{step.Arguments.Place}: another step already watches what {node} sends to {on.Server}.");
                }

                proxy.Arm(watch);
            }
        }
    }

    private Task WhenAsync(Trigger trigger) => trigger switch
    {
        Trigger.At at => Task.Delay(at.From, _over.Token),
        Trigger.AfterSessions after => load.WhenAsync(after.Finished, after.From).WaitAsync(_over.Token),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private IReadOnlyList<string> Nodes(Step step, int round) =>
        step.Arguments.Has("node")
            ? [.. step.Arguments.Texts("node").SelectMany(selector => plan.Nodes(selector, step.Number, round)).Distinct(StringComparer.Ordinal)]
            : [];

    private async Task SettleAsync(IReadOnlyList<string> nodes)
    {
        foreach (NodeProcess node in nodes.Select(deployment.Node).Where(static node => node.IsWanted))
        {
            try
            {
                await node.WhenReadyAsync(_over.Token);
            }
            catch (CannotRunException)
            {
                // Another step keeps it down; at the end of the run every node must be ready.
            }
        }
    }

    private async Task DoAsync(Step step, int round)
    {
        IReadOnlyList<string> nodes = Nodes(step, round);
        try
        {
            if (await _faults.DoAsync(step, nodes, _over.Token) is { } following)
            {
                _following.Add(FollowAsync(step, following));
            }

            deeds.Note(step, nodes.Count == 0 ? "done" : string.Join(", ", nodes));
        }
        catch (Exception fault) when (fault is CannotRunException or IOException or HttpRequestException)
        {
            deeds.NoteFailure(step, fault.Message);
        }
    }

    private async Task FollowAsync(Step step, Func<Task> following)
    {
        try
        {
            await following();
        }
        catch (Exception fault) when (fault is CannotRunException or IOException or HttpRequestException)
        {
            deeds.NoteFailure(step, fault.Message);
        }
    }
}
