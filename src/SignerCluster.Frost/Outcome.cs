using System.Diagnostics.CodeAnalysis;

namespace SignerCluster.Frost;

/// <summary>
/// Either a value or the reason why there is none. A refusal is an ordinary answer to input from others, never an exception.
/// </summary>
[SuppressMessage("Performance", "CA1815", Justification = "Two outcomes are never compared; their values or refusals are.")]
public readonly struct Outcome<T>
    where T : notnull
{
    private readonly T? _value;
    private readonly FrostRefusal? _refusal;
    private readonly bool _accepted;

    private Outcome(T? value, FrostRefusal? refusal)
    {
        _value = value;
        _refusal = refusal;
        _accepted = refusal is null;
    }

    public bool IsAccepted => _accepted;

    /// <summary>The value. Throws <see cref="InvalidOperationException"/> with the refusal's code when there is none.</summary>
    public T Value => _accepted ? _value! : throw new InvalidOperationException(_refusal?.ToString() ?? "An unset outcome has no value.");

    /// <summary>The refusal. Throws <see cref="InvalidOperationException"/> when the outcome holds a value.</summary>
    public FrostRefusal Refusal => _refusal ?? throw new InvalidOperationException("The outcome was not refused.");

    [SuppressMessage("Design", "CA1000", Justification = "The implicit conversions are the way to build an outcome.")]
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(FrostRefusal refusal) => new(default, refusal ?? throw new ArgumentNullException(nameof(refusal)));

    /// <summary>True with the value, or false with the refusal.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out FrostRefusal? refusal)
    {
        value = _value;
        refusal = _accepted ? null : Refusal;
        return _accepted;
    }

    public override string ToString() => _accepted ? $"{_value}" : $"{_refusal}";
}
