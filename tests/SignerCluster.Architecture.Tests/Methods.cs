using System.Text.RegularExpressions;

namespace SignerCluster.Architecture.Tests;

/// <summary>Finds the bodies of members by matching braces, after texts and comments are blanked out.</summary>
internal static partial class Methods
{
    /// <summary>Members with a block body: the line of the signature and the number of lines up to the closing brace.</summary>
    internal static IEnumerable<(int FirstLine, int Lines)> In(string source)
    {
        string[] lines = TextsAndComments().Replace(source, static match => new string('\n', match.Value.Count(static c => c == '\n'))).Split('\n');
        Stack<(int FirstLine, bool IsType)> open = new();
        int statement = 0;
        for (int index = 0; index < lines.Length; index++)
        {
            foreach (char c in lines[index])
            {
                if (c == '{')
                {
                    string header = string.Join(' ', lines[statement..(index + 1)]);
                    open.Push((statement + 1, TypeHeader().IsMatch(header) || open.Any(static outer => !outer.IsType)));
                }
                else if (c == '}' && open.TryPop(out (int FirstLine, bool IsType) closed) && !closed.IsType)
                {
                    yield return (closed.FirstLine, index - closed.FirstLine + 2);
                }
            }

            if (lines[index].TrimEnd() is { Length: 0 } or [.., ';' or '{' or '}'])
            {
                statement = index + 1;
            }
        }
    }

    [GeneratedRegex(
        @"""""""[\s\S]*?""""""|@""([^""]|"""")*""|""(\\.|[^""\\\n])*""|'(\\.|[^'\\\n])'|//[^\n]*|/\*[\s\S]*?\*/", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TextsAndComments();

    [GeneratedRegex(@"\b(class|struct|record|interface|enum|namespace)\b", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TypeHeader();
}
