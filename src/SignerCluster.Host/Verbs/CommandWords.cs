namespace SignerCluster.Host.Verbs;

/// <summary>A command as it would be typed into a shell. What needs quotes has them.</summary>
internal sealed class CommandWords(params string[] words)
{
    private readonly List<string> _words = [.. words];

    /// <summary>Adds an option with its value; nothing where there is no value.</summary>
    internal CommandWords With(string name, string? value) => value is null ? this : With([name, value]);

    /// <summary>Adds an option for each of the values.</summary>
    internal CommandWords With(string name, string[] values) => values.Aggregate(this, (all, value) => all.With(name, value));

    /// <summary>Adds words.</summary>
    internal CommandWords With(IEnumerable<string> more)
    {
        _words.AddRange(more.Select(Quoted));
        return this;
    }

    public override string ToString() => string.Join(' ', _words);

    private static string Quoted(string value) => value.Length > 0 && value.All(static c => char.IsAsciiLetterOrDigit(c) || "-_./:@%+=,".Contains(c))
        ? value
        : $"'{value.Replace("'", "'\\''")}'";
}
