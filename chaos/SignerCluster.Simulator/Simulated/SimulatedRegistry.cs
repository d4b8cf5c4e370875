using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>The registry of reserves: now and then it cannot be asked for a while, and now and then the reserve is in another epoch for a while.</summary>
internal sealed class SimulatedRegistry(World world) : IRegistry
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(40);
    private readonly Choices _choices = Choices.For(world.Seed, "registry");
    private DateTimeOffset _outUntil;
    private DateTimeOffset _movedUntil;

    /// <summary>Since when it cannot be asked; null while it answers.</summary>
    internal DateTimeOffset? OutSince { get; private set; }

    /// <summary>Was the reserve ever in another epoch than the requests?</summary>
    internal bool HasMoved { get; private set; }

    internal void AfterStep()
    {
        if (!world.Orchestrators.AreOn)
        {
            return;
        }

        if (world.Faults.Happens(FaultKind.RegistryOut))
        {
            OutSince ??= world.Now;
            _outUntil = world.Now + _choices.Between(_shortest, _longest);
            world.Trace.Note("registry", "is out until", _outUntil.ToString("T", null));
        }

        if (world.Faults.Happens(FaultKind.ReserveMoved))
        {
            HasMoved = true;
            _movedUntil = world.Now + _choices.Between(_shortest, _longest);
            world.Trace.Note("registry", "has another epoch until", _movedUntil.ToString("T", null));
        }

        OutSince = world.Now < _outUntil ? OutSince : null;
    }

    internal void SetRight() => (OutSince, _outUntil, _movedUntil) = (null, default, default);

    public RegistryFacts Ask(string reserve)
    {
        if (OutSince is { } since && world.Now < _outUntil)
        {
            const string reason = "registry_missing";
            return new RegistryFacts(new Reading<ReserveRecord>.Unavailable(reason, since), new Reading<uint>.Unavailable(reason, since));
        }

        ulong epoch = world.Now < _movedUntil ? Covenant.Epoch + 1 : Covenant.Epoch;
        return new RegistryFacts(new Reading<ReserveRecord>.Available(world.Group.Covenant.RecordIn(epoch)), new Reading<uint>.Available(800_000));
    }
}
