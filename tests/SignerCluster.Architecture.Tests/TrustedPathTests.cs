using System.Text.RegularExpressions;

namespace SignerCluster.Architecture.Tests;

/// <summary>What the nodes of a party share is reached by names, and a name that is not on the list of trusted paths is refused in silence by the other node.</summary>
public sealed partial class TrustedPathTests
{
    private const string Roles = "src/SignerCluster.Host/Nodes";
    private static readonly string _settings = Repository.Read("hocon/akka-party.conf");
    private static readonly string _sources = string.Join('\n', Repository.Sources(Roles).Select(static source => source.Text));

    public static TheoryData<string> Regions() => [.. RegionStart().Matches(_sources).Select(static match => match.Groups["name"].Value).Distinct()];

    public static TheoryData<string> Singletons() =>
        [.. WakerStart().Matches(_sources).Select(static match => match.Groups["name"].Value).Append("key-ring").Append("waker").Distinct()];

    [Theory]
    [MemberData(nameof(Regions))]
    public void L1_Every_region_of_a_role_finds_its_coordinator_on_another_node(string region)
    {
        Assert.Contains($"\"/system/sharding/{region}Coordinator\"", _settings, StringComparison.Ordinal);
        Assert.Contains($"\"/system/sharding/{region}Coordinator/singleton/coordinator\"", _settings, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Singletons))]
    public void L1_Every_singleton_of_a_role_is_handed_over_and_found_on_another_node(string singleton)
    {
        Assert.Contains($"\"/user/{singleton}\"", _settings, StringComparison.Ordinal);
        Assert.Contains($"\"/user/{singleton}/singleton\"", _settings, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sources_name_what_these_tests_look_for() => Assert.Equal(4, Regions().Count);

    [GeneratedRegex("""EntityRegion\.Start\(\s*[\w.]+,\s*"(?<name>[^"]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegionStart();

    [GeneratedRegex("""StartWaker\([^;]*?"(?<name>[^"]+)"\);""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WakerStart();
}
