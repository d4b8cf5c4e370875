using System.Globalization;
using System.Text.Json;
using SignerCluster.Chaos.Cluster;

namespace SignerCluster.Chaos.Scenarios;

/// <summary>An object of a scenario file, read key by key; every fault names the file and the key.</summary>
internal sealed class Arguments(JsonElement element, string place)
{
    internal string Place => place;

    internal IReadOnlyList<string> Names { get; } = element.ValueKind == JsonValueKind.Object
        ? [.. element.EnumerateObject().Select(static property => property.Name)]
        : throw new UsageException($"{place} is an object.");

    internal bool Has(string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Refuses keys that nobody reads.</summary>
    internal void RequireOnly(params IEnumerable<string> known)
    {
        string[] unknown = [.. Names.Except(known, StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            throw new UsageException($"{place} does not know {string.Join(", ", unknown)}. The keys are: {string.Join(", ", known)}.");
        }
    }

    internal void Require(params IEnumerable<string> names)
    {
        foreach (string name in names.Where(name => !Has(name)))
        {
            throw new UsageException($"{place} lacks {name}.");
        }
    }

    internal string Text(string name) => AsText(Get(name)) ?? throw Wrong(name, "a text");

    internal string Text(string name, string otherwise) => Has(name) ? Text(name) : otherwise;

    internal bool Flag(string name, bool otherwise = false) => !Has(name)
        ? otherwise
        : Get(name) switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            var text when AsText(text) is "true" or "yes" or "on" => true,
            var text when AsText(text) is "false" or "no" or "off" => false,
            _ => throw Wrong(name, "true or false"),
        };

    internal double Number(string name, double otherwise) => Has(name) ? AsNumber(Get(name)) ?? throw Wrong(name, "a number") : otherwise;

    internal int Count(string name, int otherwise) => (int)Number(name, otherwise);

    internal TimeSpan Duration(string name) =>
        AsText(Get(name)) is { } text && TryParseDuration(text, out TimeSpan duration) ? duration : throw Wrong(name, "a duration such as 250ms, 2s or 1m");

    internal TimeSpan Duration(string name, TimeSpan otherwise) => Has(name) ? Duration(name) : otherwise;

    internal TimeSpan? MaybeDuration(string name) => Has(name) ? Duration(name) : null;

    /// <summary>One value or two: where one stands it is both ends.</summary>
    internal (TimeSpan From, TimeSpan To) Durations(string name) => Ends<TimeSpan>(
        name, static element => AsText(element) is { } text && TryParseDuration(text, out TimeSpan duration) ? duration : null, "a duration or two");

    internal (int From, int To) Counts(string name) =>
        Ends(name, static element => AsNumber(element) is { } number ? (int)number : (int?)null, "a number or two");

    internal IReadOnlyList<string> Texts(string name) => !Has(name)
        ? []
        : Get(name).ValueKind == JsonValueKind.Array
            ? [.. Get(name).EnumerateArray().Select(item => AsText(item) ?? throw Wrong(name, "texts"))]
            : [Text(name)];

    internal Arguments Object(string name) => Has(name) ? new Arguments(Get(name), $"{place}.{name}") : new Arguments(Empty(), $"{place}.{name}");

    internal IReadOnlyList<Arguments> Objects(string name) => !Has(name)
        ? []
        : Get(name).ValueKind == JsonValueKind.Array
            ? [.. Get(name).EnumerateArray().Select((item, index) => new Arguments(item, $"{place}.{name}[{index}]"))]
            : throw Wrong(name, "a list of objects");

    /// <summary>A number and one of ms, s, m, min, h or their long names; a minus sign in front is possible.</summary>
    internal static bool TryParseDuration(string text, out TimeSpan duration)
    {
        int end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '-'))
        {
            end++;
        }

        double? unit = text[end..].Trim() switch
        {
            "ms" or "millis" or "milliseconds" => 0.001,
            "s" or "second" or "seconds" => 1,
            "m" or "min" or "minute" or "minutes" => 60,
            "h" or "hour" or "hours" => 3600,
            _ => null,
        };
        bool parsed = double.TryParse(text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && unit is not null;
        duration = parsed ? TimeSpan.FromSeconds(number * unit!.Value) : default;
        return parsed;
    }

    private static string? AsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private static double? AsNumber(JsonElement value) =>
        double.TryParse(AsText(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    private static JsonElement Empty()
    {
        using JsonDocument document = JsonDocument.Parse("{}");
        return document.RootElement.Clone();
    }

    private (T From, T To) Ends<T>(string name, Func<JsonElement, T?> parse, string rule)
        where T : struct
    {
        JsonElement value = Get(name);
        T?[] ends = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(parse)] : [parse(value)];
        return ends is [{ } first, ..] && ends is [.., { } last] && ends.Length <= 2 ? (first, last) : throw Wrong(name, rule);
    }

    private JsonElement Get(string name) => Has(name) ? element.GetProperty(name) : throw new UsageException($"{place} lacks {name}.");

    private UsageException Wrong(string name, string rule) => new($"{place}.{name}: the rule is {rule}, not {Get(name).GetRawText()}.");
}
