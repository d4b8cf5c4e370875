using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Deciders;

/// <summary>The timers of an activation, one a key: a new one replaces the one before.</summary>
internal sealed class Timers(Scheduler scheduler, Incarnation life)
{
    private readonly Dictionary<object, object> _running = [];

    internal bool IsRunning(object key) => _running.ContainsKey(key);

    internal void Start(object key, TimeSpan delay, Action run)
    {
        object shot = new();
        _running[key] = shot;
        scheduler.PostIn(delay, life, () =>
        {
            if (_running.GetValueOrDefault(key) == shot)
            {
                _running.Remove(key);
                run();
            }
        });
    }

    internal void Stop(object key) => _running.Remove(key);

    internal void StopAll() => _running.Clear();
}
