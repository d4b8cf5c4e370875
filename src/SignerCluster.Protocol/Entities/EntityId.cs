using System.Diagnostics.CodeAnalysis;

namespace SignerCluster.Protocol.Entities;

/// <summary>
/// Names one entity: its address in the engine and its persistence id in the journal. Text of the form <c>kind/part/part…</c>,
/// 3..255 characters of <c>a-z 0-9 . _ : -</c> between single slashes. Lower case only, so two spellings of one id cannot exist (N8),
/// and what can be written can be read back (D6).
/// </summary>
public readonly record struct EntityId
{
    private const int MaximumLength = 255;
    private readonly string? _text;

    private EntityId(string text) => _text = text;

    /// <summary>The first part: which kind of entity this is.</summary>
    public string Kind => Text[..Text.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>All parts, the kind first.</summary>
    public IReadOnlyList<string> Parts => Text.Split('/');

    private string Text => _text ?? throw new InvalidOperationException("An unset entity id names nothing.");

    public static EntityId Parse(string text) =>
        TryParse(text, out EntityId id) ? id : throw new FormatException($"An entity id is kind/part… in lower case, at most {MaximumLength} characters.");

    public static bool TryParse([NotNullWhen(true)] string? text, out EntityId id)
    {
        bool valid = text is { Length: >= 3 and <= MaximumLength } && text.All(IsAllowed) && text.Contains('/', StringComparison.Ordinal)
            && !text.StartsWith('/') && !text.EndsWith('/') && !text.Contains("//", StringComparison.Ordinal);
        id = valid ? new EntityId(text!) : default;
        return valid;
    }

    public override string ToString() => Text;

    private static bool IsAllowed(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '/' or '.' or '_' or ':' or '-';
}
