using System.Text.RegularExpressions;

namespace SignerCluster.Architecture.Tests;

/// <summary>What operators read of policies is what the program says.</summary>
public sealed partial class PolicyReadmeTests
{
    private const string Folder = "src/SignerCluster.Protocol/Policy";

    [Fact]
    public void The_readme_lists_every_code_of_a_policy_with_its_class_and_no_other()
    {
        string source = Repository.Read($"{Folder}/PolicyRefusals.cs").Replace("ApprovalsMissingCode,", "\"policy_approvals_missing\",", StringComparison.Ordinal);
        IEnumerable<string> said = Refused().Matches(source).Select(static match => $"{match.Groups["code"].Value} {match.Groups["class"].Value}");
        IEnumerable<string> listed = Row().Matches(Repository.Read($"{Folder}/README.md"))
            .Select(static match => $"{match.Groups["code"].Value} {match.Groups["class"].Value}");
        Assert.Equal(16, listed.Count());
        Assert.Equal(said.Select(static one => one.ToLowerInvariant()).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"Refusal\.(?<class>Terminal|Recoverable)\(\s*""(?<code>policy_\w+)""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Refused();

    [GeneratedRegex(@"^\| `(?<code>policy_\w+)` \| (?<class>\w+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Row();
}
