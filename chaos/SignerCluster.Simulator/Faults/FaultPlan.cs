using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Faults;

/// <summary>
/// Which faults a world has and how often. A seed does not get a little of everything: each kind is off in about half of the worlds and heavy in
/// some, because a bug that needs many of one fault hides where all faults are equally rare.
/// </summary>
internal sealed class FaultPlan
{
    private readonly Choices[] _streams;
    private readonly int[] _perMille;
    private bool _stopped;

    internal FaultPlan(long seed, IReadOnlySet<FaultKind> disabled)
    {
        Choices plan = Choices.For(seed, "plan");
        _streams = [.. FaultNames.All.Select(kind => Choices.For(seed, FaultNames.Of(kind)))];
        _perMille = new int[FaultNames.All.Count];
        foreach (FaultKind kind in FaultNames.All)
        {
            int weight = plan.Below(8) switch { < 4 => 0, < 7 => 1, _ => 4 };
            _perMille[(int)kind] = disabled.Contains(kind) ? 0 : Math.Min(weight * Usual(kind), 900);
        }
    }

    /// <summary>How often each kind happened.</summary>
    internal int[] Counts { get; } = new int[FaultNames.All.Count];

    /// <summary>Have faults stopped for good?</summary>
    internal bool AreOver => _stopped;

    /// <summary>Does this fault happen here and now? Counts it when it does.</summary>
    internal bool Happens(FaultKind kind)
    {
        bool happens = _perMille[(int)kind] > 0 && _streams[(int)kind].PerMille(_perMille[(int)kind]) && (!_stopped || IsLie(kind));
        if (happens)
        {
            Counts[(int)kind]++;
        }

        return happens;
    }

    /// <summary>Like <see cref="Happens"/>, for a fault that is counted only once it could be carried out.</summary>
    internal bool Wants(FaultKind kind) => _perMille[(int)kind] > 0 && !_stopped && _streams[(int)kind].PerMille(_perMille[(int)kind]);

    internal void Count(FaultKind kind) => Counts[(int)kind]++;

    /// <summary>The stream for the details of a fault of this kind.</summary>
    internal Choices Details(FaultKind kind) => _streams[(int)kind];

    /// <summary>From now on everything outside works. Liars go on lying: no session may depend on their repentance.</summary>
    internal void Stop() => _stopped = true;

    private static bool IsLie(FaultKind kind) => kind is >= FaultKind.LieBadShare and <= FaultKind.LieSilence;

    /// <summary>How often in a thousand chances a kind happens at its usual weight. What a chance is depends on the kind.</summary>
    private static int Usual(FaultKind kind) => kind switch
    {
        FaultKind.RequestDelayed or FaultKind.ReplyDelayed => 150,
        FaultKind.Misrouted => 60,
        FaultKind.DiskSlow => 60,
        FaultKind.AppendOutlivesItsNode => 200,
        FaultKind.CrashWhileLoading or FaultKind.CrashAppendRequested or FaultKind.CrashAppendApplied or FaultKind.CrashReplyPending => 8,
        FaultKind.CrashAtRest or FaultKind.GracefulStop => 1,
        FaultKind.NodeCutOff or FaultKind.LinkCutOneWay => 2,
        FaultKind.ClockHurries => 10,
        FaultKind.NonceExpiryShort => 300,
        FaultKind.SessionExpiryShort => 60,
        FaultKind.NonceCapacitySmall => 100,
        FaultKind.EntropyRepeats => 100,
        FaultKind.KeyProviderDown or FaultKind.KeyProviderSlow => 200,
        FaultKind.KeyWearsOutSoon => 200,
        FaultKind.KeyRotated => 3,
        FaultKind.KeyRewrapped or FaultKind.RowsResealed => 2,
        >= FaultKind.RowFlipped and <= FaultKind.RowsSwapped => 2,
        FaultKind.CrashToSeeDamage => 600,
        >= FaultKind.LieBadShare and <= FaultKind.LieSilence => 150,
        FaultKind.RegistryOut => 4,
        FaultKind.ReserveMoved => 6,
        FaultKind.ForgeCompletion => 150,
        >= FaultKind.ReplayPackage => 6,
        _ => 25,
    };
}
