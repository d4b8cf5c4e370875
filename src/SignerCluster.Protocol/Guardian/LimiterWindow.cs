namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// One token bucket: at most <paramref name="Capacity"/> satoshis at once, and <paramref name="RefillPerSecond"/> more for each whole second that passes. Over
/// any time Δ in seconds it lets through at most capacity + refill · Δ.
/// </summary>
/// <param name="Name">What people call it, such as <c>hour</c>; 1..32 of <c>a-z 0-9 _ -</c>, unique in its rules.</param>
/// <param name="Capacity">Satoshis, 1 or more.</param>
/// <param name="RefillPerSecond">Satoshis; zero makes it a limit for ever.</param>
public sealed record LimiterWindow(string Name, ulong Capacity, ulong RefillPerSecond)
{
    internal const int MaximumNameLength = 32;

    /// <summary>What the bucket holds after some whole seconds. Saturates, so no time and no rate can wrap it round (G4).</summary>
    internal ulong Refill(ulong tokens, ulong seconds)
    {
        UInt128 refilled = tokens + ((UInt128)seconds * RefillPerSecond);
        return refilled < Capacity ? (ulong)refilled : Capacity;
    }

    /// <summary>The first whole second, counted from a bucket with so many tokens, at which it holds an amount; null when it never will.</summary>
    internal ulong? SecondsUntil(ulong tokens, ulong amount) => amount switch
    {
        _ when amount <= tokens => 0,
        _ when amount > Capacity || RefillPerSecond == 0 => null,
        _ => ((amount - tokens - 1) / RefillPerSecond) + 1,
    };

    internal bool IsLooserThan(LimiterWindow other) => Capacity > other.Capacity || RefillPerSecond > other.RefillPerSecond;
}
