using System.Text;
using System.Text.RegularExpressions;

namespace SignerCluster.Host.Settings;

/// <summary>
/// Goes through a file once before Akka's parser does. That parser knows no lines, no environment and no <c>required(...)</c>, leaves out what follows a brace
/// too many, and never comes back from a stray character in a list. So this notes where every key stands, puts in variables and included files, and refuses
/// what would be misread. It does not care for values: which of them counts, and what it is, is the parser's.
/// </summary>
/// <param name="environment">Gives the value of a variable; null where it is not set.</param>
internal sealed partial class HoconScan(string path, Func<string, string?> environment)
{
    private const int MaximumDepth = 64;
    private const string Letter = @"([^\s""$`^?!@*&\\{}\[\],=:#/]|/(?!/))";
    private const string KeyPart = @"(?<part>""[^""\\\n]+""|((?![+.])" + Letter + ")+)";
    private const string ShortQuoted = @"""(\\([""\\/bfnrt]|u[0-9a-fA-F]{4})|[^""\\\x00-\x1f])+""";

    // Akka's parser takes an empty text and the quote of the next for three quotes.
    private const string Quoted = @"(?>""""""[\s\S]*?"""""")(?!"")|" + ShortQuoted + @"|""""(?![""$])";

    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();
    private readonly List<SettingsError> _missing = [];
    private string _file = path;
    private string _source = string.Empty;
    private string _key = string.Empty;
    private string? _variable;
    private int _at;
    private int _line = 1;
    private int _depth;

    /// <summary>What Akka's parser is to be given.</summary>
    internal string Text => _text.ToString();

    /// <summary>By the path of every key that is set, those of sections too; the last one counts.</summary>
    internal Dictionary<string, HoconOrigin> Origins { get; } = new(StringComparer.Ordinal);

    private string Here => _at < _source.Length ? _source[_at].ToString() : string.Empty;

    /// <summary>Throws <see cref="SettingsException"/> with the first mistake in the notation, or with all variables that are missing.</summary>
    internal void Run()
    {
        Add(_file, section: string.Empty);
        if (_missing.Count > 0)
        {
            throw new SettingsException(_missing);
        }
    }

    /// <param name="section">The path of the section that the file is included into; null inside of a list.</param>
    private void Add(string file, string? section)
    {
        string full = Path.GetFullPath(file);
        string source = _open.Contains(full) ? throw Error($"{file} includes itself, directly or through others.") : Read(file);
        (string, string, int, int) outer = (_file, _source, _at, _line);
        (_file, _source, _at, _line) = (file, source, 0, 1);
        _open.Push(full);
        Skip();
        string end = Here == "{" ? "}" : string.Empty;
        _at += end.Length;
        Fields(section, end);
        _at += end.Length;
        Skip();
        if (Here.Length > 0)
        {
            throw Unexpected();
        }

        _open.Pop();
        (_file, _source, _at, _line) = outer;
    }

    private void Fields(string? section, string end)
    {
        string outer = _key;
        for (Skip(); Here != end; Separate(end))
        {
            _key = outer;
            Match start = Take(FieldStart());
            string file = Path.Combine(Path.GetDirectoryName(_file) ?? string.Empty, start.Groups["file"].Value);
            if (start.Groups["key"].Success)
            {
                Field(section, start);
            }
            else if (!start.Success)
            {
                throw Unexpected();
            }
            else if (start.Groups["required"].Success || Path.Exists(file))
            {
                Add(file, section);
            }
        }

        _key = outer;
    }

    private void Field(string? section, Match start)
    {
        string[] paths = section is null ? [] : [.. start.Groups["part"].Captures.Select(part => section = HoconFile.PathOf(section, part.Value.Trim('"')))];
        int line = _line;
        int before = _text.Length;
        _key = section ?? _key;
        _variable = null;
        _text.Append(start.Groups["key"].Value).Append(" = ");
        int empty = _text.Length;
        Skip();
        Value(section);

        // Where only variables stand that need not be set and are not, it is as if nothing had been written.
        _text.Length = _text.Length > empty ? _text.Length : before;
        if (_text.Length > before)
        {
            _text.Append('\n');
            Array.ForEach(paths, set => Origins[set] = new HoconOrigin(_file, line, _variable));
        }
    }

    private void Value(string? section)
    {
        string bracket = Here;
        if (bracket is not ("{" or "["))
        {
            Parts();
            return;
        }

        if (++_depth > MaximumDepth)
        {
            throw Error($"objects and lists may be nested {MaximumDepth} deep.");
        }

        _text.Append(bracket);
        _at++;
        if (bracket == "{")
        {
            Fields(section, "}");
        }
        else
        {
            Items();
        }

        _text.Append(Here);
        _at++;
        _depth--;
    }

    private void Items()
    {
        for (Skip(); Here != "]"; Separate("]"))
        {
            Value(section: null);
            _text.Append(_text[^1] is '[' or '\n' ? string.Empty : "\n");
        }
    }

    /// <summary>Texts, with quotes or without, and variables, which together are one text.</summary>
    private void Parts()
    {
        int start = _at;
        for (Match part = Take(Part()); part.Success; part = Take(Part()))
        {
            string text = part.Groups["text"].Success ? part.Groups["text"].Value : Substitute(part.Groups["variable"].Value, part.Groups["optional"].Success);
            _text.Append(text.Length > 0 ? part.Groups["blanks"].Value : string.Empty).Append(text);
        }

        if (_at == start)
        {
            throw Unexpected();
        }
    }

    private string Substitute(string name, bool isOptional)
    {
        if (environment(name) is { Length: > 0 } value)
        {
            _variable = _variable is null ? name : $"{_variable}, {name}";
            return $"\"{value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        }

        if (!isOptional)
        {
            _missing.Add(new SettingsError(_file, _line, _key, $"{name} is no environment variable that is set, or it is empty; keys are not substituted."));
        }

        return string.Empty;
    }

    /// <summary>Between two fields or items stands a new line, a comma or both.</summary>
    private void Separate(string end)
    {
        int line = _line;
        Skip();
        if (Here == ",")
        {
            _at++;
            Skip();
        }
        else if (_line == line && Here != end)
        {
            throw Unexpected();
        }
    }

    private void Skip() => Take(BlanksAndComments());

    private Match Take(Regex pattern)
    {
        Match match = pattern.Match(_source, _at);
        _at += match.Length;
        _line += match.ValueSpan.Count('\n');
        return match;
    }

    private string Read(string file)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw Error($"{file} cannot be read: {(fault is DecoderFallbackException ? "it is not UTF-8." : fault.Message)}");
        }
    }

    private SettingsException Unexpected() => Error(Here.Length == 0
        ? "the file ends here, and a value, a list or an object is not complete."
        : $"'{Here}' is not expected here. A field is KEY = VALUE or KEY {{ FIELDS }} and ends with a comma or its line; what has blanks or special characters "
            + "in it needs quotes. Beside fields there may be include \"FILE\" and include required(\"FILE\"); "
            + "in values variables of the environment, ${NAME}, or ${?NAME}, which need not be set.");

    private SettingsException Error(string rule) => new(new SettingsError(_file, _line, _key, rule));

    [GeneratedRegex(@"\G[\s\uFEFF]*((#|//)[^\n]*[\s\uFEFF]*)*", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex BlanksAndComments();

    [GeneratedRegex(
        @"\G(include[ \t]+(?<required>required\([ \t]*)?""(?<file>[^""\\\n]+)""(?(required)[ \t]*\))|"
            + @"(?<key>" + KeyPart + @"(\." + KeyPart + @")*)[ \t]*([=:]|(?=\{)))",
        RegexOptions.ExplicitCapture,
        10_000)]
    private static partial Regex FieldStart();

    [GeneratedRegex(
        @"\G(?<blanks>[ \t]*)((?<text>" + Quoted + "|" + Letter + @"+)|\$\{(?<optional>\?)?(?<variable>[A-Za-z_][A-Za-z0-9_]*)\})",
        RegexOptions.ExplicitCapture,
        10_000)]
    private static partial Regex Part();
}
