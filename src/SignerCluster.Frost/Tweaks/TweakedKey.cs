using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Tweaks;

/// <summary>
/// A group key after a chain of tweaks (BIP-445 tweak context). The point is sign·(group key) + sum·G where sign is -1 when
/// <see cref="IsNegated"/> and sum is <see cref="TweakSum"/>. Immutable; compares by value.
/// </summary>
public sealed record TweakedKey
{
    private TweakedKey(in Point groupKey, in Point point, bool isNegated, in Scalar tweakSum)
    {
        GroupKey = groupKey;
        Point = point;
        IsNegated = isNegated;
        TweakSum = tweakSum;
        OutputKey = point.XOnly;
    }

    /// <summary>The untweaked key that the chain started from.</summary>
    public Point GroupKey { get; }

    /// <summary>The tweaked key Q, never infinity.</summary>
    public Point Point { get; }

    /// <summary>The accumulated sign <c>gacc</c>: true for -1.</summary>
    public bool IsNegated { get; }

    /// <summary>The accumulated tweak <c>tacc</c>.</summary>
    public Scalar TweakSum { get; }

    /// <summary>The key under which the signature verifies.</summary>
    public XOnlyPublicKey OutputKey { get; }

    /// <summary>The key without tweaks. Throws <see cref="ArgumentException"/> for infinity.</summary>
    public static TweakedKey Start(Point groupKey) =>
        groupKey.IsInfinity
            ? throw new ArgumentException("A group key is not infinity.", nameof(groupKey))
            : new TweakedKey(groupKey, groupKey, isNegated: false, Scalar.Zero);

    /// <summary>The key after all tweaks in order. Refusal: <c>tweaked_key_infinite</c> with the tweak's index.</summary>
    public static Outcome<TweakedKey> Create(Point groupKey, IEnumerable<Tweak> tweaks)
    {
        TweakedKey key = Start(groupKey);
        int index = 0;
        foreach (Tweak tweak in tweaks)
        {
            if (!key.Apply(tweak).TryGet(out TweakedKey? next, out FrostRefusal? refusal))
            {
                return refusal with { BlamedIndex = index };
            }

            key = next;
            index++;
        }

        return key;
    }

    /// <summary>
    /// The key after tweaks that came as parallel lists. Refusals: <c>tweak_count_mismatch</c>, and with the tweak's index <c>tweak_length</c>,
    /// <c>tweak_out_of_range</c> and <c>tweaked_key_infinite</c>.
    /// </summary>
    public static Outcome<TweakedKey> Create(Point groupKey, IReadOnlyList<ReadOnlyMemory<byte>> tweaks, IReadOnlyList<TweakMode> modes)
    {
        if (tweaks.Count != modes.Count)
        {
            return new FrostRefusal(FrostCode.TweakCountMismatch, $"{tweaks.Count} tweaks have {modes.Count} modes.");
        }

        Tweak[] parsed = new Tweak[tweaks.Count];
        for (int index = 0; index < parsed.Length; index++)
        {
            if (!Tweak.Parse(tweaks[index].Span, modes[index]).TryGet(out parsed[index], out FrostRefusal? refusal))
            {
                return refusal with { BlamedIndex = index };
            }
        }

        return Create(groupKey, parsed);
    }

    /// <summary>The key after one more tweak. Refusal: <c>tweaked_key_infinite</c>.</summary>
    public Outcome<TweakedKey> Apply(Tweak tweak)
    {
        bool negate = tweak.Mode == TweakMode.XOnly && !Point.HasEvenY;
        Point tweaked = (negate ? -Point : Point).AddGenerator(tweak.Value);
        return tweaked.IsInfinity
            ? new FrostRefusal(FrostCode.TweakedKeyInfinite, "The tweak cancels the key.")
            : new TweakedKey(GroupKey, tweaked, IsNegated ^ negate, tweak.Value + (negate ? -TweakSum : TweakSum));
    }
}
