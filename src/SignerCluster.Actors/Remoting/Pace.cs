namespace SignerCluster.Actors.Remoting;

/// <summary>Lets one line through, and the next one only after a while, with how many came between: whoever can make us log must not fill the disk.</summary>
internal sealed class Pace(TimeProvider time)
{
    internal static readonly TimeSpan Gap = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _leftOut;
    private long? _last;

    /// <summary>May this line be written? Then <paramref name="leftOut"/> is how many were not since the last one.</summary>
    internal bool Allows(out long leftOut)
    {
        lock (_lock)
        {
            leftOut = _leftOut;
            if (_last is { } last && time.GetElapsedTime(last) < Gap)
            {
                _leftOut++;
                return false;
            }

            (_leftOut, _last) = (0, time.GetTimestamp());
            return true;
        }
    }
}
