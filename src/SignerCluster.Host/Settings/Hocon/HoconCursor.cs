using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SignerCluster.Host.Settings.Hocon;

/// <summary>A place in the text of one file, and what can be read there without knowing what it is for.</summary>
internal sealed partial class HoconCursor(string file, string text)
{
    // Outside quotes these end a text, or are kept for later by the specification.
    private const string Special = "$\"{}[]:=,+#`^?!@*&\\";
    private const string TripleQuote = "\"\"\"";
    private int _position;
    private int _line = 1;

    internal bool IsAtEnd => _position >= text.Length;

    /// <summary>The character here; NUL at the end.</summary>
    internal char Here => _position < text.Length ? text[_position] : '\0';

    internal HoconOrigin Origin => new(file, _line);

    /// <summary>The key that is being read, for messages.</summary>
    internal string Key { get; set; } = string.Empty;

    internal bool StartsWith(string word) => string.CompareOrdinal(text, _position, word, 0, word.Length) == 0;

    internal bool TryTake(string word)
    {
        if (!StartsWith(word))
        {
            return false;
        }

        Advance(word.Length);
        return true;
    }

    internal SettingsException Error(string rule) => new(new SettingsError(file, _line, Key, rule));

    /// <summary>Is this where a value on one line ends?</summary>
    internal bool IsAtEndOfValue => IsAtEnd || Here is '\n' or ',' or '}' or ']' or '#' || StartsWith("//");

    /// <summary>Takes blanks, no line breaks.</summary>
    internal string TakeBlanks()
    {
        int start = _position;
        while (!IsAtEnd && Here != '\n' && IsBlank(Here))
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>Skips blanks, line breaks and comments. True when there was a line break.</summary>
    internal bool SkipLines()
    {
        int before = _line;
        while (!IsAtEnd)
        {
            if (IsBlank(Here))
            {
                Advance(1);
            }
            else if (Here == '#' || StartsWith("//"))
            {
                SkipComment();
            }
            else
            {
                break;
            }
        }

        return _line > before;
    }

    /// <summary>Takes characters that need no quotes; a dot is one of them unless told otherwise. Empty when there is none here.</summary>
    internal string TakeUnquoted(bool stopsAtDot)
    {
        int start = _position;
        while (!IsAtEnd && !IsBlank(Here) && !StartsWith("//") && !(stopsAtDot && Here == '.') && (!Special.Contains(Here, StringComparison.Ordinal) || IsSignOfExponent(start)))
        {
            _position++;
        }

        return text[start.._position];
    }

    /// <summary>Takes a text in quotes or in triple quotes.</summary>
    internal string TakeQuoted()
    {
        if (TryTake(TripleQuote))
        {
            return TakeRaw();
        }

        StringBuilder taken = new();
        for (Advance(1); Here != '"'; Advance(1))
        {
            if (IsAtEnd || Here < ' ')
            {
                throw Error("a text in quotes must end on its line and hold no control characters; write \\n, or use triple quotes.");
            }

            taken.Append(Here == '\\' ? TakeEscape() : Here);
        }

        Advance(1);
        return taken.ToString();
    }

    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || letter == '\uFEFF';

    /// <summary>The only place where a plus needs no quotes: 1e+6.</summary>
    private bool IsSignOfExponent(int start) => Here == '+' && ExponentStart().IsMatch(text.AsSpan(start, _position - start));

    private string TakeRaw()
    {
        int end = text.IndexOf(TripleQuote, _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("the triple quotes are never closed.");
        }

        // Further quotes right before the closing ones belong to the text.
        while (end + TripleQuote.Length < text.Length && text[end + TripleQuote.Length] == '"')
        {
            end++;
        }

        string raw = text[_position..end];
        Advance(raw.Length + TripleQuote.Length);
        return raw;
    }

    private char TakeEscape()
    {
        Advance(1);
        switch (Here)
        {
            case '"' or '\\' or '/':
                return Here;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _position + 4 < text.Length && ushort.TryParse(text.AsSpan(_position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code):
                _position += 4;
                return (char)code;
            default:
                throw Error($"\\{Here} is no escape; the known ones are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits.");
        }
    }

    private void SkipComment()
    {
        while (!IsAtEnd && Here != '\n')
        {
            _position++;
        }
    }

    private void Advance(int count)
    {
        _line += text.AsSpan(_position, count).Count('\n');
        _position += count;
    }

    [GeneratedRegex(@"^-?[0-9]+(\.[0-9]+)?[eE]$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex ExponentStart();
}
