using System.Globalization;
using System.Net;
using Akka.Configuration.Hocon;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Settings;

/// <summary>
/// One object of a configuration while it is turned into records. A value that breaks its rule is noted among the errors and read as something harmless, so
/// that all errors are found at once.
/// </summary>
/// <param name="fields">Null where something else stands in the object's place, which is noted already: nothing more is noted then.</param>
internal sealed class SettingsSection(HoconObject? fields, string path, SettingsReading reading)
{
    private static readonly (string Unit, TimeSpan Length)[] _times =
        [
            ("ms", TimeSpan.FromMilliseconds(1)),
            ("s", TimeSpan.FromSeconds(1)),
            ("m", TimeSpan.FromMinutes(1)),
            ("h", TimeSpan.FromHours(1)),
            ("d", TimeSpan.FromDays(1)),
        ];

    private static readonly (string Unit, long Bytes)[] _sizes = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("B", 1)];

    internal SettingsSection Section(string name)
    {
        HoconValue? value = Value(name);
        if (value?.IsObject() == false)
        {
            Refuse(name, $"must be an object, not {KindOf(value)}.");
        }

        return new SettingsSection(value?.GetObject(), PathOf(name), reading);
    }

    /// <summary>Is there a value? False for null.</summary>
    internal bool Has(string name) => Value(name) is { } value && !IsNull(value);

    internal string Text(string name) => Required(name, "a text that is not empty", static text => text.Length > 0 ? text : null) ?? string.Empty;

    /// <summary>A text that keeps a rule, such as "1..32 of a-z".</summary>
    internal string Text(string name, string rule, Predicate<string> keeps) => Required(name, rule, text => keeps(text) ? text : null) ?? string.Empty;

    internal string? OptionalText(string name) => Has(name) ? Text(name) : null;

    internal bool Flag(string name) => Required(name, "true or false", static text => text is "true" ? true : text is "false" ? false : (bool?)null) ?? false;

    internal long Whole(string name, long least, long most) => Required(
        name,
        $"a whole number in {least}..{most}",
        text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : (long?)null) ?? least;

    internal int Count(string name, int least, int most) => (int)Whole(name, least, most);

    internal int Port(string name) => Count(name, 1, ushort.MaxValue);

    internal TimeSpan Duration(string name, TimeSpan least, TimeSpan most) => Required(
        name,
        $"a duration in {Show(least)}..{Show(most)}, such as 250ms, 2s, 10m, 1h or 1d",
        text => WithUnit(text, _times) is { } time && time.Unit * time.Number >= least && time.Unit * time.Number <= most
            ? time.Unit * time.Number
            : (TimeSpan?)null) ?? least;

    internal int Bytes(string name, int least, int most) => Required(
        name,
        $"a size in {Size(least)}..{Size(most)}, such as 512B, 64KiB or 1MiB",
        text => WithUnit(text, _sizes) is { } size && size.Unit * size.Number >= least && size.Unit * size.Number <= most
            ? (int)(size.Unit * size.Number)
            : (int?)null) ?? least;

    /// <summary>One of the names of an enumeration, in small letters.</summary>
    internal T Choice<T>(string name)
        where T : struct, Enum => Required(name, OneOf<T>(), Parse<T>) ?? default;

    /// <summary>Several of the names, each once, at least one.</summary>
    internal IReadOnlyList<T> Choices<T>(string name)
        where T : struct, Enum
    {
        IReadOnlyList<string> texts = Texts(name);
        T?[] parsed = [.. texts.Select(Parse<T>)];
        if (texts.Count == 0 || parsed.Contains(null) || parsed.Distinct().Count() < parsed.Length)
        {
            Refuse(name, $"must be a list of at least one of {OneOf<T>()}, none twice.");
            return [];
        }

        return [.. parsed.OfType<T>()];
    }

    internal IReadOnlyList<string> Texts(string name)
    {
        switch (Value(name))
        {
            case { Values: [HoconArray list] } when list.TrueForAll(static item => item.GetString() is not null):
                return [.. list.Select(static item => item.GetString())];
            case { } other when !IsNull(other):
                Refuse(name, $"must be a list of texts, not {KindOf(other)}.");
                return [];
            default:
                return [];
        }
    }

    /// <summary>The name or address of another machine.</summary>
    internal string Host(string name) => Text(
        name, "a host name or an IP address, without a port", static text => Uri.CheckHostName(text) != UriHostNameType.Unknown && !text.StartsWith('['));

    /// <summary>An address to listen on.</summary>
    internal IPEndPoint Listen(string name) => Required(
        name,
        "an address to listen on, such as \"127.0.0.1:7420\", \"[::1]:7420\" or \"localhost:0\" (with quotes, because of the colon)",
        HttpSettings.TryParseEndpoint) ?? new IPEndPoint(IPAddress.Loopback, 0);

    /// <summary>Where another machine is reached.</summary>
    internal DnsEndPoint Address(string name) =>
        Required(name, "HOST:PORT in quotes, such as \"signer.example:7440\"", ParseAddress) ?? new DnsEndPoint("localhost", 0);

    /// <summary>A list of addresses, or a text with commas between them, as an environment variable has it; none twice.</summary>
    internal IReadOnlyList<DnsEndPoint> Addresses(string name, int least)
    {
        IReadOnlyList<string> texts = Value(name) is { } value && value.GetString() is { } text ? text.Split(',', StringSplitOptions.TrimEntries) : Texts(name);
        DnsEndPoint?[] parsed = [.. texts.Select(ParseAddress)];
        if (parsed.Contains(null) || parsed.Distinct().Count() < parsed.Length || parsed.Length < least)
        {
            Refuse(name, $"must be a list of {(least > 0 ? $"at least {least} " : string.Empty)}HOST:PORT, none twice.");
            return [];
        }

        return [.. parsed.OfType<DnsEndPoint>()];
    }

    /// <summary>An absolute path. A relative one starts at the folder of the file that names it.</summary>
    internal string FilePath(string name)
    {
        string text = Text(name, "the path of a file", static text => text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal));
        return text.Length == 0 ? text : Path.GetFullPath(text, Path.GetDirectoryName(Path.GetFullPath(reading.OriginOf(PathOf(name)).File))!);
    }

    internal string? OptionalFilePath(string name) => Has(name) ? FilePath(name) : null;

    /// <summary>Notes that the value of a key breaks a rule.</summary>
    internal void Refuse(string name, string rule)
    {
        if (fields is not null)
        {
            reading.Add(PathOf(name), rule);
        }
    }

    private T? Required<T>(string name, string rule, Func<string, T?> parse)
    {
        HoconValue? value = Value(name);
        if (value?.GetString() is { } text && parse(text) is { } parsed)
        {
            return parsed;
        }

        Refuse(name, value is null || IsNull(value) ? $"is required and not set; it must be {rule}." : $"must be {rule}, not {KindOf(value)}.");
        return default;
    }

    private HoconValue? Value(string name)
    {
        reading.Note(PathOf(name));
        return fields?.Items.GetValueOrDefault(name);
    }

    private string PathOf(string name) => HoconFile.PathOf(path, name);

    private static DnsEndPoint? ParseAddress(string text) =>
        text.LastIndexOf(':') is > 0 and var colon
        && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown
        && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? new DnsEndPoint(text[..colon].Trim('[', ']'), port)
            : null;

    private static string KindOf(HoconValue value) =>
        IsNull(value) ? "null" : value.GetString() is { } text ? $"'{text}'" : value.IsObject() ? "an object" : "a list";

    private static bool IsNull(HoconValue value) => !value.IsObject() && value.Values is not [HoconArray] && value.GetString() is null;

    private static string OneOf<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(static known => known.ToLowerInvariant()));

    private static T? Parse<T>(string text)
        where T : struct, Enum =>
        !text.Any(char.IsAsciiLetterUpper) && Enum.GetNames<T>().FirstOrDefault(known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : null;

    private static (int Number, TUnit Unit)? WithUnit<TUnit>(string text, (string Unit, TUnit Value)[] units)
    {
        foreach ((string unit, TUnit value) in units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return (number, value);
            }
        }

        return null;
    }

    private static string Show(TimeSpan time)
    {
        (string unit, TimeSpan length) = _times.Last(unit => unit.Length == _times[0].Length || time.Ticks % unit.Length.Ticks == 0);
        return $"{time / length}{unit}";
    }

    private static string Size(long bytes)
    {
        (string unit, long length) = _sizes.Where(unit => bytes % unit.Bytes == 0).MaxBy(static unit => unit.Bytes);
        return $"{bytes / length}{unit}";
    }
}

/// <summary>What is found while a configuration is turned into records.</summary>
/// <param name="own">The node's own file, without the reference.</param>
internal sealed class SettingsReading(string path, HoconFile own)
{
    private readonly List<SettingsError> _errors = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    internal HoconFile Own => own;

    /// <summary>Each once, in the order of files and lines.</summary>
    internal IReadOnlyList<SettingsError> Errors =>
        [.. _errors.Distinct().OrderBy(static error => error.File, StringComparer.Ordinal).ThenBy(static error => error.Line)];

    /// <summary>The paths that were asked for.</summary>
    internal IReadOnlySet<string> Keys => _keys;

    internal void Note(string key) => _keys.Add(key);

    internal void Add(string key, string rule)
    {
        HoconOrigin origin = OriginOf(key);
        _errors.Add(new SettingsError(origin.File, origin.Line, key, rule));
    }

    /// <summary>Where a key is set; for one that only the reference sets, which nobody edits, the section that would have to set it.</summary>
    internal HoconOrigin OriginOf(string key) =>
        own.Origins.TryGetValue(key, out HoconOrigin origin) ? origin
        : key.LastIndexOf('.') is > 0 and var end ? OriginOf(key[..end])
        : new HoconOrigin(path, 1);
}
