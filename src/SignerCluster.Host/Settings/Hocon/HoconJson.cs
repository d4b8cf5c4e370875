using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SignerCluster.Host.Settings.Hocon;

/// <summary>Values as programs and people are shown them.</summary>
internal static partial class HoconJson
{
    /// <summary>What JSON knows stays what it is; everything else that needs no quotes in HOCON, such as a duration, is a text. Null for null.</summary>
    internal static JsonNode? Of(HoconValue value) => value switch
    {
        HoconObject found => new JsonObject(found.Fields.Select(static field => KeyValuePair.Create(field.Key, Of(field.Value)))),
        HoconList list => new JsonArray([.. list.Items.Select(Of)]),
        HoconScalar { IsNull: true } => null,
        HoconScalar scalar when !scalar.IsQuoted && IsLiteral(scalar.Text) => JsonNode.Parse(scalar.Text),
        HoconScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Everything that is no object with something in it, by the path of its key.</summary>
    internal static IEnumerable<(string Key, HoconValue Value)> Leaves(HoconObject root) => Leaves(HoconPath.Root, root).Select(static leaf => (leaf.Path.Text, leaf.Value));

    private static IEnumerable<(HoconPath Path, HoconValue Value)> Leaves(HoconPath path, HoconValue value) => value is HoconObject { Fields.Count: > 0 } inner
        ? inner.Fields.SelectMany(field => Leaves(path.Append(field.Key), field.Value))
        : [(path, value)];

    private static bool IsLiteral(string text) => text is "true" or "false" || Number().IsMatch(text);

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Number();
}
