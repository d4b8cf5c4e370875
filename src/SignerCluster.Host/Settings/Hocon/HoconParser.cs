namespace SignerCluster.Host.Settings.Hocon;

/// <summary>
/// Reads the part of HOCON that is needed here. What is not supported (a root that is a list, includes from elsewhere than files, keys with blanks in them,
/// lists from numbered variables) is refused by its name. Throws <see cref="SettingsException"/> with the first error of a file.
/// </summary>
internal sealed class HoconParser
{
    private const int MaximumDepth = 64;
    private const string Include = "include";
    private readonly HoconCursor _cursor;
    private readonly HoconFile _file;
    private readonly HoconPath? _prefix;
    private int _depth;

    /// <param name="prefix">The path of the object that the file is included into.</param>
    private HoconParser(HoconFile file, HoconPath prefix)
    {
        _file = file;
        _prefix = prefix;
        _cursor = new HoconCursor(file.Path, file.Text);
    }

    internal static ObjectSyntax Parse(HoconFile file, HoconPath prefix) => new HoconParser(file, prefix).ParseRoot(prefix);

    private ObjectSyntax ParseRoot(HoconPath prefix)
    {
        _cursor.SkipLines();
        if (_cursor.Here == '[')
        {
            throw _cursor.Error("the root of a file must be an object; a list is not supported there.");
        }

        ObjectSyntax root = _cursor.Here == '{' ? ParseObject(prefix) : ParseFields(prefix);
        _cursor.SkipLines();
        _cursor.Key = string.Empty;
        return _cursor.IsAtEnd ? root : throw _cursor.Error($"'{_cursor.Here}' stands after the end of the root object.");
    }

    private ObjectSyntax ParseObject(HoconPath? path)
    {
        Enter();
        HoconOrigin opened = _cursor.Origin;
        _cursor.TryTake("{");
        ObjectSyntax parsed = ParseFields(path);
        _depth--;
        return _cursor.TryTake("}") ? parsed : throw _cursor.Error(_cursor.IsAtEnd ? $"the brace of line {opened.Line} is never closed." : $"'{_cursor.Here}' stands where a brace should be closed.");
    }

    private ObjectSyntax ParseFields(HoconPath? path)
    {
        ObjectSyntax fields = new(_cursor.Origin);
        string key = _cursor.Key;
        _cursor.SkipLines();
        bool isSeparated = true;
        while (!_cursor.IsAtEnd && _cursor.Here is not '}')
        {
            if (!isSeparated)
            {
                throw _cursor.Error($"'{_cursor.Here}' is not expected here: between two fields belongs a comma or a new line, and a text with special characters needs quotes.");
            }

            ParseField(fields, path);
            isSeparated = SkipSeparator();
        }

        _cursor.Key = key;
        return fields;
    }

    /// <summary>Skips new lines with at most one comma in them. False when there was neither.</summary>
    private bool SkipSeparator()
    {
        bool isSeparated = _cursor.SkipLines();
        if (!_cursor.TryTake(","))
        {
            return isSeparated;
        }

        _cursor.SkipLines();
        return _cursor.Here != ',' ? true : throw _cursor.Error("two commas follow each other.");
    }

    private void ParseField(ObjectSyntax fields, HoconPath? path)
    {
        HoconOrigin origin = _cursor.Origin;
        _cursor.Key = path?.Text ?? string.Empty;
        bool isWord = _cursor.StartsWith(Include);
        HoconPath key = ParsePath("a key");
        HoconPath? whole = path?.Append(key);
        _cursor.Key = whole?.Text ?? key.Text;
        string blanks = _cursor.TakeBlanks();
        if (isWord && key.Text == Include)
        {
            _cursor.Key = path?.Text ?? string.Empty;
            fields.Add(ParseInclude(path));
            return;
        }

        bool appends = _cursor.TryTake("+=");
        if (!appends && _cursor.Here != '{' && !_cursor.TryTake("=") && !_cursor.TryTake(":"))
        {
            throw _cursor.Error(blanks.Length > 0 && !_cursor.IsAtEndOfValue
                ? "a key with blanks in it is not supported, unless it is in quotes; or '=' is missing after it."
                : "after a key belongs '=', ':', '+=' or an object.");
        }

        _cursor.SkipLines();
        List<HoconSyntax> values = ParseValue(whole);
        if (appends)
        {
            ReferenceSyntax earlier = new([whole ?? throw _cursor.Error("'+=' is not supported inside of a list.")], IsOptional: true, IsWithObject: false, origin);
            values = [new ConcatenationSyntax([earlier, new ListSyntax([values], origin)], origin)];
        }

        fields.Add(key, values, origin);
    }

    private HoconPath ParsePath(string what)
    {
        List<string> keys = [];
        do
        {
            string part = _cursor.Here == '"' ? _cursor.TakeQuoted() : _cursor.TakeUnquoted(stopsAtDot: true);
            if (part.Length == 0)
            {
                throw _cursor.Error(_cursor.IsAtEnd ? $"{what} is missing at the end of the file." : $"'{_cursor.Here}' stands where {what} is expected.");
            }

            keys.Add(part);
        }
        while (_cursor.TryTake("."));
        return HoconPath.Of(keys);
    }

    private ObjectSyntax ParseInclude(HoconPath? path)
    {
        bool isRequired = _cursor.TryTake("required(");
        _cursor.TakeBlanks();
        foreach (string place in (string[])["url", "classpath", "file", "package", "required"])
        {
            if (_cursor.StartsWith(place + "("))
            {
                throw _cursor.Error($"include {place}(...) is not supported{(isRequired ? " inside of required(...)" : string.Empty)}; write include \"file\" or include required(\"file\").");
            }
        }

        if (_cursor.Here != '"')
        {
            throw _cursor.Error("include needs the name of a file in quotes, and no key may be called so without quotes.");
        }

        string name = _cursor.TakeQuoted();
        _cursor.TakeBlanks();
        if (isRequired && !_cursor.TryTake(")"))
        {
            throw _cursor.Error("the parenthesis of required(...) is not closed.");
        }

        if (path is null)
        {
            throw _cursor.Error("include is not supported inside of a list.");
        }

        return _file.Include(name, isRequired, _cursor) is { } included ? Parse(included, path) : new ObjectSyntax(_cursor.Origin);
    }

    /// <summary>What is laid over each other to make the value: one thing, or the parts of a concatenation with objects.</summary>
    /// <param name="path">Null inside of a list.</param>
    private List<HoconSyntax> ParseValue(HoconPath? path)
    {
        HoconOrigin origin = _cursor.Origin;
        List<HoconSyntax> parts = [];
        string blanks = string.Empty;
        while (!_cursor.IsAtEndOfValue)
        {
            if (blanks.Length > 0 && parts.Count > 0)
            {
                parts.Add(new BlankSyntax(blanks, _cursor.Origin));
            }

            parts.Add(ParsePart(path));
            blanks = _cursor.TakeBlanks();
        }

        return parts.Count == 0 ? throw _cursor.Error("the value is missing.")
            : parts.Exists(static part => part is ObjectSyntax) ? MergedObjects(parts)
            : parts.Count == 1 ? parts
            : [new ConcatenationSyntax(parts, origin)];
    }

    private List<HoconSyntax> MergedObjects(List<HoconSyntax> parts) =>
    [
        .. parts.Where(static part => part is not BlankSyntax).Select(part => part switch
        {
            ObjectSyntax => part,
            ReferenceSyntax reference => reference with { IsWithObject = true },
            _ => throw _cursor.Error("an object can be followed only by objects on its line."),
        }),
    ];

    private HoconSyntax ParsePart(HoconPath? path)
    {
        HoconOrigin origin = _cursor.Origin;
        switch (_cursor.Here)
        {
            case '"':
                return new KnownSyntax(new HoconScalar(_cursor.TakeQuoted(), IsQuoted: true, origin));
            case '{':
                return ParseObject(path);
            case '[':
                return ParseList();
            case '$':
                return ParseReference(origin);
            default:
                string text = _cursor.TakeUnquoted(stopsAtDot: false);
                return text.Length > 0
                    ? new KnownSyntax(new HoconScalar(text, IsQuoted: false, origin))
                    : throw _cursor.Error($"'{_cursor.Here}' is not allowed in a text without quotes; put the text in quotes.");
        }
    }

    private ListSyntax ParseList()
    {
        Enter();
        HoconOrigin origin = _cursor.Origin;
        _cursor.TryTake("[");
        _cursor.SkipLines();
        List<IReadOnlyList<HoconSyntax>> items = [];
        bool isSeparated = true;
        while (!_cursor.TryTake("]"))
        {
            if (_cursor.IsAtEnd || !isSeparated)
            {
                throw _cursor.Error($"the list that begins in line {origin.Line} is never closed, or two of its items are not separated by a comma or a new line.");
            }

            items.Add(ParseValue(path: null));
            isSeparated = SkipSeparator();
        }

        _depth--;
        return new ListSyntax(items, origin);
    }

    private ReferenceSyntax ParseReference(HoconOrigin origin)
    {
        if (!_cursor.TryTake("${"))
        {
            throw _cursor.Error("'$' begins a substitution, ${path}; elsewhere it needs quotes.");
        }

        bool isOptional = _cursor.TryTake("?");
        _cursor.TakeBlanks();
        HoconPath path = ParsePath("the path of a substitution");
        _cursor.TakeBlanks();
        if (_cursor.StartsWith("[]"))
        {
            throw _cursor.Error("a list from numbered environment variables, ${path[]}, is not supported.");
        }

        if (!_cursor.TryTake("}"))
        {
            throw _cursor.Error("the brace of a substitution is not closed.");
        }

        IReadOnlyList<HoconPath> paths = _prefix is { Keys.Count: > 0 } ? [_prefix.Append(path), path] : [path];
        return new ReferenceSyntax(paths, isOptional, IsWithObject: false, origin);
    }

    private void Enter()
    {
        if (++_depth > MaximumDepth)
        {
            throw _cursor.Error($"objects and lists may be nested {MaximumDepth} deep.");
        }
    }
}
