using System.Collections.ObjectModel;

namespace SignerCluster.Protocol;

/// <summary>May the asker reach its goal by another request (recoverable), or is this the last word on it (terminal)?</summary>
public enum RefusalClass
{
    Recoverable,
    Terminal,
}

/// <summary>
/// A protocol's no: nothing changed, nothing was written. The code is a stable snake_case name, the evidence names what was expected
/// and what was found. Equality is by code and class.
/// </summary>
public sealed class Refusal : IEquatable<Refusal>
{
    private static readonly ReadOnlyDictionary<string, string> _none = new(new Dictionary<string, string>(StringComparer.Ordinal));

    public Refusal(string code, RefusalClass @class, string message, IReadOnlyDictionary<string, string>? evidence = null)
    {
        Code = code;
        Class = @class;
        Message = message;
        Evidence = evidence ?? _none;
    }

    public string Code { get; init; }

    public RefusalClass Class { get; init; }

    /// <summary>A sentence for people: what is wrong and what to do.</summary>
    public string Message { get; init; }

    public IReadOnlyDictionary<string, string> Evidence { get; init; }

    public static Refusal Recoverable(string code, string message, params ReadOnlySpan<(string Name, object Value)> evidence) =>
        new(code, RefusalClass.Recoverable, message, Pairs(evidence));

    public static Refusal Terminal(string code, string message, params ReadOnlySpan<(string Name, object Value)> evidence) =>
        new(code, RefusalClass.Terminal, message, Pairs(evidence));

    /// <summary>The same as the last word on what was asked.</summary>
    public Refusal AsTerminal() => Class == RefusalClass.Terminal ? this : new Refusal(Code, RefusalClass.Terminal, Message, Evidence);

    public static bool operator ==(Refusal? left, Refusal? right) => Equals(left, right);

    public static bool operator !=(Refusal? left, Refusal? right) => !Equals(left, right);

    public bool Equals(Refusal? other) => other is not null && Code == other.Code && Class == other.Class;

    public override bool Equals(object? obj) => Equals(obj as Refusal);

    public override int GetHashCode() => HashCode.Combine(Code, Class);

    public override string ToString() => $"{Code}: {Message}";

    private static Dictionary<string, string> Pairs(ReadOnlySpan<(string Name, object Value)> evidence)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach ((string name, object value) in evidence)
        {
            pairs[name] = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty;
        }

        return pairs;
    }
}
