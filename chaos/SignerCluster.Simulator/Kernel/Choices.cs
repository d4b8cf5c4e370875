using System.Buffers.Binary;

namespace SignerCluster.Simulator.Kernel;

/// <summary>
/// One stream of choices (SplitMix64). Every purpose has a stream of its own, forked from the seed by name, so that what one purpose draws, or stops
/// drawing when a fault is disabled, does not shift what the others draw.
/// </summary>
internal sealed class Choices
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    private Choices(ulong state) => _state = state;

    /// <summary>The stream of a purpose under a seed.</summary>
    internal static Choices For(long seed, string purpose) => new(Mix(((ulong)seed * Golden) ^ Digest.Of(purpose)));

    internal ulong Next() => Mix(_state += Golden);

    /// <summary>A number in 0..bound-1.</summary>
    internal int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number in least..most.</summary>
    internal int Between(int least, int most) => least + Below(most - least + 1);

    internal TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * (Below(1 << 20) / (double)(1 << 20)));

    /// <summary>True so many times in a thousand.</summary>
    internal bool PerMille(int times) => Below(1000) < times;

    internal T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    internal void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (; !destination.IsEmpty; destination = destination[Math.Min(word.Length, destination.Length)..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            word[..Math.Min(word.Length, destination.Length)].CopyTo(destination);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
