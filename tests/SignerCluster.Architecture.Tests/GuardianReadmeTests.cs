using System.Text.RegularExpressions;

namespace SignerCluster.Architecture.Tests;

/// <summary>What operators read of guardians is what the program says.</summary>
public sealed partial class GuardianReadmeTests
{
    private const string Folder = "src/SignerCluster.Protocol/Guardian";

    [Fact]
    public void The_readme_lists_every_code_of_a_guardian_with_its_class_and_no_other()
    {
        string source = Repository.Read($"{Folder}/GuardianRefusals.cs");
        Dictionary<string, string> named = Constant().Matches(source)
            .ToDictionary(static match => match.Groups["name"].Value, static match => match.Groups["code"].Value, StringComparer.Ordinal);
        IEnumerable<string> said = Refused().Matches(source).Select(match =>
            $"{named.GetValueOrDefault(match.Groups["name"].Value, match.Groups["code"].Value)} {match.Groups["class"].Value.ToLowerInvariant()}");
        Assert.Equal(22, said.Count());
        Assert.Equal(said.Order(StringComparer.Ordinal), Listed().Order(StringComparer.Ordinal));
    }

    /// <summary>A row may have several codes, with a class for all of them or one each.</summary>
    private static IEnumerable<string> Listed() => Row().Matches(Repository.Read($"{Folder}/README.md")).SelectMany(static row =>
    {
        string[] codes = [.. Code().Matches(row.Groups["codes"].Value).Select(static match => match.Value.Trim('`'))];
        string[] classes = row.Groups["classes"].Value.Split(", ");
        return codes.Select((code, index) => $"{code} {classes[classes.Length == 1 ? 0 : index]}");
    });

    [GeneratedRegex(@"const string (?<name>\w+Code) = ""(?<code>\w+)"";", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Constant();

    [GeneratedRegex(@"Refusal\.(?<class>Terminal|Recoverable)\(\s*(""(?<code>\w+)""|(?<name>\w+Code))", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Refused();

    [GeneratedRegex(
        @"^\| (?<codes>`\w+`(, `\w+`)*) \| (?<classes>(terminal|recoverable)(, \w+)*) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Row();

    [GeneratedRegex(@"`\w+`", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Code();
}
