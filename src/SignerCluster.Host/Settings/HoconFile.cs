using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Akka.Configuration.Hocon;

namespace SignerCluster.Host.Settings;

/// <summary>Where a value was written.</summary>
/// <param name="File">As it was named; for an included file, after the folder of the one that includes it.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Variable">The environment variables that the value was taken from; null for none.</param>
internal readonly record struct HoconOrigin(string File, int Line, string? Variable = null);

/// <summary>What a file says, with what it includes, as Akka's parser reads it.</summary>
/// <param name="Origins">By the path of every key that is set, those of sections too.</param>
internal sealed partial record HoconFile(HoconObject Values, Dictionary<string, HoconOrigin> Origins)
{
    /// <summary>Throws <see cref="SettingsException"/>.</summary>
    /// <param name="environment">Gives the value of a variable; null where it is not set.</param>
    internal static HoconFile Load(string path, Func<string, string?> environment)
    {
        HoconScan scan = new(path, environment);
        scan.Run();
        return new HoconFile(Parser.Parse(scan.Text, includeCallback: null).Value.GetObject(), scan.Origins);
    }

    /// <summary>Laid over another file: objects are merged, everything else is replaced.</summary>
    internal HoconFile Over(HoconFile below)
    {
        Dictionary<string, HoconOrigin> origins = new(below.Origins, StringComparer.Ordinal);
        foreach ((string key, HoconOrigin origin) in Origins)
        {
            origins[key] = origin;
        }

        return new HoconFile(Merge(below.Values, Values), origins);
    }

    /// <summary>Lays one section over another of the same file.</summary>
    internal void LayOver(string section, string template)
    {
        Values.Items[section].NewValue(Merge(Values.Items[template].GetObject(), Values.Items[section].GetObject()));
        foreach ((string key, HoconOrigin origin) in Origins.Where(set => set.Key.StartsWith($"{template}.", StringComparison.Ordinal)).ToArray())
        {
            Origins.TryAdd(section + key[template.Length..], origin);
        }
    }

    /// <summary>Everything that is no object with something in it, by the path of its key.</summary>
    internal IEnumerable<(string Key, HoconValue Value)> Leaves() => Leaves(string.Empty, Values);

    /// <summary>What JSON knows stays what it is; everything else, such as a duration, is a text. Null for null.</summary>
    internal static JsonNode? ToJson(HoconValue value) => value switch
    {
        _ when value.GetObject() is { } found => ToJson(found),
        { Values: [HoconArray list] } => new JsonArray([.. list.Select(ToJson)]),
        _ when value.GetString() is { } text => IsLiteral().IsMatch(text) ? JsonNode.Parse(text) : JsonValue.Create(text),
        _ => null,
    };

    internal static JsonObject ToJson(HoconObject values) => new(values.Items.Select(static item => KeyValuePair.Create(item.Key, ToJson(item.Value))));

    /// <summary>The path of a key in a section, whose own path is empty for the root.</summary>
    internal static string PathOf(string section, string key)
    {
        string written = key.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? key : $"\"{key}\"";
        return section.Length == 0 ? written : $"{section}.{written}";
    }

    private static HoconObject Merge(HoconObject below, HoconObject above)
    {
        HoconObject merged = new();
        merged.Merge(below);
        merged.Merge(above);
        return merged;
    }

    private static IEnumerable<(string Key, HoconValue Value)> Leaves(string path, HoconObject section) => section.Items.SelectMany(item =>
        item.Value.GetObject() is { Items.Count: > 0 } inner ? Leaves(PathOf(path, item.Key), inner) : [(PathOf(path, item.Key), item.Value)]);

    [GeneratedRegex("^(true|false|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?)$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex IsLiteral();
}
