using System.Diagnostics.CodeAnalysis;

namespace SignerCluster.Trust;

/// <summary>
/// Names an operator as the roster knows it: 1..32 characters of <c>a-z 0-9 -</c>, starting with a letter. It is a part of file names and of
/// database names, so nothing in it needs quoting anywhere.
/// </summary>
public readonly record struct PartyName
{
    internal const int MaximumLength = 32;
    private readonly string? _text;

    private PartyName(string text) => _text = text;

    public static PartyName Parse(string text) =>
        TryParse(text, out PartyName name) ? name : throw new FormatException($"'{text}' is no party's name: {Rule}.");

    public static bool TryParse([NotNullWhen(true)] string? text, out PartyName name)
    {
        bool valid = IsName(text);
        name = valid ? new PartyName(text!) : default;
        return valid;
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("An unset party name names nobody.");

    internal const string Rule = "1..32 characters of a-z 0-9 -, starting with a letter";

    internal static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: >= 1 and <= MaximumLength } && char.IsAsciiLetterLower(text[0])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

/// <summary>Names a cluster, by the rule of <see cref="PartyName"/>. A message of one cluster is nothing in another.</summary>
public readonly record struct ClusterName
{
    private readonly string? _text;

    private ClusterName(string text) => _text = text;

    public static ClusterName Parse(string text) =>
        TryParse(text, out ClusterName name) ? name : throw new FormatException($"'{text}' is no cluster's name: {PartyName.Rule}.");

    public static bool TryParse([NotNullWhen(true)] string? text, out ClusterName name)
    {
        bool valid = PartyName.IsName(text);
        name = valid ? new ClusterName(text!) : default;
        return valid;
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("An unset cluster name names nothing.");
}

/// <summary>What a party may do: coordinate sessions, or hold seats.</summary>
public enum PartyRole
{
    Coordinator,
    Participant,
}
