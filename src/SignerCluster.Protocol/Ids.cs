using System.Diagnostics.CodeAnalysis;
using System.Text;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>
/// A group's id: the x coordinate of its untweaked public key. Text: 64 lower-case hex digits; either case parses. Whether the bytes
/// are on the curve is not asked here: an id that no group has is simply unknown.
/// </summary>
public readonly record struct GroupId(Bytes32 X)
{
    public GroupId(XOnlyPublicKey key)
        : this(key.ToBytes())
    {
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out GroupId id)
    {
        bool valid = FixedBytes.TryParseHex(text, out Bytes32 x);
        id = new GroupId(x);
        return valid;
    }

    public static GroupId Parse(string text) =>
        TryParse(text, out GroupId id) ? id : throw new FormatException("A group id is the 64 hex digits of an x-only key.");

    public override string ToString() => X.ToString();
}

/// <summary>
/// The caller's idempotency key for one request: 1..64 characters of <c>a-z 0-9 . _ -</c>, starting with a letter or digit. What a caller writes
/// in upper case is refused, so that no two callers' ids become one; what is stored is folded, so a re-cased id is the same session (N8). Older
/// journals have <c>id:input</c> too, for the further inputs of one PSBT.
/// </summary>
public readonly record struct SessionId
{
    /// <summary>Longest id a caller may choose.</summary>
    public const int MaximumLength = 64;

    /// <summary>What the ids begin with that the party makes by itself for covenant jobs. Whoever opened such a session first would be in their way (C1).</summary>
    public const string ReservedPrefix = "job.";

    private readonly string? _text;

    private SessionId(string text) => _text = text;

    /// <summary>Is it one that only the party itself opens? A caller may look at it.</summary>
    public bool IsReserved => ToString().StartsWith(ReservedPrefix, StringComparison.Ordinal);

    /// <summary>Parses what a caller chose: no upper case, and not the ids of further inputs that older journals have.</summary>
    public static bool TryParseCallers([NotNullWhen(true)] string? text, out SessionId id) =>
        TryParse(text, out id) && id.ToString() == text && !text.Contains(':', StringComparison.Ordinal);

    /// <summary>Parses any session id, also of further inputs, in either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SessionId id)
    {
        id = default;
        // Folding would turn some odd characters, such as the kelvin sign, into plain letters.
        if (text is null || !Ascii.IsValid(text))
        {
            return false;
        }

        string folded = text.ToLowerInvariant();
        string[] parts = folded.Split(':');
        bool valid = parts.Length switch
        {
            1 => IsName(parts[0]),
            2 => IsName(parts[0]) && IsInputIndex(parts[1]),
            _ => false,
        };
        id = valid ? new SessionId(folded) : default;
        return valid;
    }

    public static SessionId Parse(string text) =>
        TryParse(text, out SessionId id)
            ? id
            : throw new FormatException($"A session id is 1..{MaximumLength} characters of a-z 0-9 . _ - and starts with a letter or digit.");

    public override string ToString() => _text ?? throw new InvalidOperationException("An unset session id names nothing.");

    private static bool IsName(string text) =>
        text.Length is >= 1 and <= MaximumLength && char.IsAsciiLetterOrDigit(text[0])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');

    private static bool IsInputIndex(string text) =>
        text.Length is >= 1 and <= 4 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');
}

/// <summary>Identifies one attempt: a hash that binds everything the attempt is about (<see cref="AttemptContext"/>).</summary>
public readonly record struct AttemptId(Bytes32 Hash)
{
    public override string ToString() => Hash.ToString();
}

/// <summary>Identifies the exact content of a signing package.</summary>
public readonly record struct PackageHash(Bytes32 Hash)
{
    public override string ToString() => Hash.ToString();
}
