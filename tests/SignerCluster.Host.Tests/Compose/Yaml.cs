using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace SignerCluster.Host.Tests.Compose;

/// <summary>A node of a YAML document; what is not there is empty.</summary>
internal readonly record struct Yaml(object? Value)
{
    internal Yaml this[string key] => new((Value as Dictionary<object, object?>)?.GetValueOrDefault(key));

    internal bool IsMissing => Value is null;

    internal string Text => Value as string ?? string.Empty;

    internal IReadOnlyList<Yaml> Items => Value is List<object?> items ? [.. items.Select(static item => new Yaml(item))] : [];

    internal IReadOnlyList<string> Texts => [.. Items.Select(static item => item.Text)];

    internal IReadOnlyList<(string Key, Yaml Value)> Fields =>
        Value is Dictionary<object, object?> fields ? [.. fields.Select(static pair => ((string)pair.Key, new Yaml(pair.Value)))] : [];

    /// <summary>With anchors and merges resolved.</summary>
    internal static Yaml Parse(string text) =>
        new(new DeserializerBuilder().Build().Deserialize<Dictionary<object, object?>>(new MergingParser(new Parser(new StringReader(text)))));
}
