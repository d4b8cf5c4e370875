namespace SignerCluster.Actors.Remoting;

/// <summary>Lets one line through, and the next one only after a while, with how many came between: whoever can make us log must not fill the disk.</summary>
internal sealed class Pace(TimeProvider time)
{
    internal static readonly TimeSpan Gap = TimeSpan.FromSeconds(10);

    private const long Never = long.MinValue;

    private long _leftOut;
    private long _last = Never;

    /// <summary>May this line be written? Then <paramref name="leftOut"/> is how many were not since the last one.</summary>
    internal bool Allows(out long leftOut)
    {
        long last = Volatile.Read(ref _last);
        bool isDue = last == Never || time.GetElapsedTime(last) >= Gap;

        // Of several threads that find it due one writes, and the others count.
        if (isDue && Interlocked.CompareExchange(ref _last, time.GetTimestamp(), last) == last)
        {
            leftOut = Interlocked.Exchange(ref _leftOut, 0);
            return true;
        }

        leftOut = Interlocked.Increment(ref _leftOut);
        return false;
    }
}
