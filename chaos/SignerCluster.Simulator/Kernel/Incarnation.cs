namespace SignerCluster.Simulator.Kernel;

/// <summary>
/// One life of a node, from its start to its crash or stop. All code of a node runs inside its incarnation, so every continuation of an
/// <c>await</c> comes back to the scheduler with the incarnation's name on it. Killing it drops for ever what it had queued, its timers and its
/// pending completions, as the death of a process does; its objects are merely abandoned, so nothing in them can tidy up.
/// </summary>
internal sealed class Incarnation : SynchronizationContext
{
    private readonly Scheduler _scheduler;

    internal Incarnation(Scheduler scheduler, string name)
    {
        _scheduler = scheduler;
        Name = name;
        Label = Digest.Of(name);
        Time = new SimulatedTime(scheduler, this);
    }

    internal string Name { get; }

    /// <summary>What the incarnation is in the digest.</summary>
    internal ulong Label { get; }

    internal SimulatedTime Time { get; }

    internal bool IsAlive { get; private set; } = true;

    /// <summary>
    /// Runs something of this life that must find no context, as on a thread of a pool: an await in it goes on inside of what completes it, so only that may
    /// complete it which runs without context too.
    /// </summary>
    internal void PostOutOfContext(TimeSpan delay, Action run) => _scheduler.PostIn(delay, this, () =>
    {
        SetSynchronizationContext(null);
        run();
    });

    public override void Post(SendOrPostCallback d, object? state) => _scheduler.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing in the product waits for another thread.");

    public override SynchronizationContext CreateCopy() => this;

    internal void Kill() => IsAlive = false;
}
