namespace SignerCluster.Host.Settings.Hocon;

/// <summary>The path of a key: its parts, and the text in which they are written.</summary>
internal sealed class HoconPath
{
    private HoconPath(IReadOnlyList<string> keys)
    {
        Keys = keys;
        Text = string.Join('.', keys.Select(Quote));
    }

    internal static HoconPath Root { get; } = new([]);

    internal IReadOnlyList<string> Keys { get; }

    /// <summary>As it may be written in a file; two paths are the same when their texts are.</summary>
    internal string Text { get; }

    /// <summary>What an environment variable of this name would be called.</summary>
    internal string Variable => string.Join('.', Keys);

    internal static HoconPath Of(IReadOnlyList<string> keys) => new(keys);

    internal HoconPath Append(string key) => new([.. Keys, key]);

    internal HoconPath Append(HoconPath path) => new([.. Keys, .. path.Keys]);

    public override string ToString() => Text;

    private static string Quote(string key) =>
        key.Length > 0 && key.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? key : $"\"{key.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
