using System.Collections;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Frost.Tweaks;

namespace SignerCluster.Protocol;

/// <summary>The tweaks that lead from the group key to the output key, in order; at most <see cref="MaximumCount"/>. Value equality.</summary>
public sealed class TweakList : IReadOnlyList<Tweak>, IEquatable<TweakList>
{
    /// <summary>More than any wallet derivation needs; bounds what one request can make a signer compute.</summary>
    public const int MaximumCount = 8;
    private readonly Tweak[] _tweaks;

    public TweakList(params IEnumerable<Tweak> tweaks)
    {
        _tweaks = [.. tweaks];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_tweaks.Length, MaximumCount, nameof(tweaks));
    }

    public static TweakList None { get; } = new();

    /// <summary>The tweaks that lead from a group's key to the output key of an address.</summary>
    public static TweakList Of(IEnumerable<KeyStep> steps) =>
        new(steps.Select(static step => new Tweak(step.Value, step.IsXOnly ? TweakMode.XOnly : TweakMode.Plain)));

    public int Count => _tweaks.Length;

    public Tweak this[int index] => _tweaks[index];

    public bool Equals(TweakList? other) => other is not null && _tweaks.AsSpan().SequenceEqual(other._tweaks);

    public override bool Equals(object? obj) => Equals(obj as TweakList);

    public override int GetHashCode() => _tweaks.Aggregate(_tweaks.Length, HashCode.Combine);

    public IEnumerator<Tweak> GetEnumerator() => ((IEnumerable<Tweak>)_tweaks).GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", _tweaks)}]";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
