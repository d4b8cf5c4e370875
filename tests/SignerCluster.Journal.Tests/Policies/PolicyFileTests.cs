using System.Text;
using Microsoft.Extensions.Logging;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Conformance;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Policies;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;

namespace SignerCluster.Journal.Tests.Policies;

/// <summary>What an operator's file of policies means, and what it must not be.</summary>
public sealed class PolicyFileTests : IDisposable
{
    private const string Group = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private const string Other = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
    private const string Address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
    private const string OldAddress = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("signer-policy").FullName, "policy.json");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void Every_rule_of_the_file_is_a_rule_of_the_policy()
    {
        SpendingPolicies policies = Parse(
            $$"""
            "allow": ["{{Address}}", "script:6a00"], "deny": ["{{OldAddress}}"], "quarantine": [], "maximumOutputs": 9, "maximumOutputSat": 1,
            "maximumPaymentSat": 2, "maximumDaySat": 3, "maximumFeeRate": 4, "hashTypes": ["ALL", "ALL|ANYONECANPAY"],
            "window": { "from": "22:00", "to": "06:30" }, "approvals": { "aboveSat": 5, "needed": 2, "approvers": ["{{Group}}", "{{Other}}"] }
            """);
        SpendingPolicy policy = policies.Of(GroupId.Parse(Group));
        Assert.Equal([Script.ParseHex("0014751e76e8199196d454941c45d1b3a323f1433bd6"), Script.ParseHex("6a00")], policy.Allowed);
        Assert.Equal(OldAddress, OutputAddress.Of(Network.Mainnet, policy.Denied.Single()));
        Assert.Empty(policy.Quarantined);
        Assert.Equal((9, 4UL), (policy.MaximumOutputs, policy.MaximumFeeRate));
        Assert.Equal((1UL, 2UL, 3UL), (policy.MaximumOutputSat, policy.MaximumPaymentSat, policy.MaximumDaySat));
        Assert.Equal([SighashType.All, SighashType.AllAnyoneCanPay], policy.HashTypes);
        Assert.Equal(new DailyWindow(new TimeOnly(22, 0), new TimeOnly(6, 30)), policy.Window);
        Assert.Equal((5UL, 2), (policy.Approvals!.AboveSat, policy.Approvals.Needed));
        Assert.Equal([Group, Other], policy.Approvals.Approvers.Select(static key => key.ToString()));
        Assert.Equal([GroupId.Parse(Group)], policies.Groups);
    }

    [Fact]
    public void A_rule_that_is_missing_limits_nothing()
    {
        SpendingPolicy policy = Parse(string.Empty).Of(GroupId.Parse(Group));
        SpendingPolicy unset = new();
        Assert.Equal(unset, policy with { HashTypes = unset.HashTypes, Denied = unset.Denied, Quarantined = unset.Quarantined });
        Assert.Equal([SighashType.Default, SighashType.All], policy.HashTypes.Order());
    }

    [Fact]
    public void A_group_that_is_not_named_is_under_the_rules_for_all_others_or_gets_nothing()
    {
        GroupId stranger = GroupId.Parse(Other);
        Assert.False(Parse(string.Empty).Of(stranger).NamesGroup);
        SpendingPolicies both = SpendingPolicies.Parse(FileOf($"{Rules("*", "\"maximumOutputs\":2")},{Rules(Group, string.Empty)}"), "here");
        Assert.Equal((2, null), (both.Of(stranger).MaximumOutputs, both.Of(GroupId.Parse(Group)).MaximumOutputs));
    }

    [Theory]
    [InlineData("""{"version":1,"network":"mainnet"}""", "$ in line 1: ")]
    [InlineData("""{"version":2,"network":"mainnet","groups":{}}""", "$.version: it is 2, not 1")]
    [InlineData("""{"version":1,"network":"Mainnet","groups":{}}""", "$.network: it is mainnet, testnet, signet or regtest")]
    [InlineData("""{"version":1,"network":"mainnet","groups":{},"more":1}""", "$.more in line 1: no field of a policy")]
    [InlineData("""{"version":1,"version":1,"network":"mainnet","groups":{}}""", "$.version")]
    [InlineData("""{"version":1,"network":"mainnet","groups":{"*":{},"*":{}}}""", "$.groups.*")]
    [InlineData("""{"version":1,"network":"mainnet","groups":{"*":null}}""", "$.groups.*: it is null")]
    [InlineData("""{"version":1,"network":"mainnet","groups":{"12":{}}}""", "$.groups.12: a group is the 64 hex digits of its id")]
    [InlineData("""{"version":1,"network":"mainnet","groups":{}} x""", "$")]
    [InlineData("null", "it is null")]
    [InlineData("", "$")]
    public void A_file_that_is_no_policy_is_refused_with_the_place(string text, string place) => Refused(Encoding.UTF8.GetBytes(text), place);

    [Theory]
    [InlineData("""maximumoutputs":1""", "maximumoutputs")]
    [InlineData("""maximumOutputs":1,"maximumOutputs":1""", "maximumOutputs")]
    [InlineData("""maximumOutputs":0""", ".maximumOutputs: at least 1")]
    [InlineData("""maximumOutputSat":2100000000000001""", ".maximumOutputSat: satoshis in 0..2100000000000000")]
    [InlineData("""maximumPaymentSat":-1""", ".maximumPaymentSat")]
    [InlineData("""maximumDaySat":1.5""", ".maximumDaySat")]
    [InlineData("""maximumFeeRate":"4""" + "\"", ".maximumFeeRate")]
    [InlineData("""allow":"bc1""" + "\"", ".allow")]
    [InlineData("""allow":[null]""", ".allow[0]: an address of mainnet")]
    [InlineData("""deny":["tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"]""", ".deny[0]: an address of mainnet, or script: and hex, none twice, unlike 'tb1q")]
    [InlineData("""deny":["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"]""", ".deny[0]: ")]
    [InlineData("""deny":["script:6a0"]""", ".deny[0]: ")]
    [InlineData("""deny":["script:6a0x"]""", ".deny[0]: ")]
    [InlineData("""deny":[""]""", ".deny[0]: ")]
    [InlineData("""quarantine":["script:6a","script:6A"]""", ".quarantine[1]: ")]
    [InlineData("""hashTypes":[]""", ".hashTypes: at least one")]
    [InlineData("""hashTypes":["all"]""", ".hashTypes[0]: one of DEFAULT, ALL")]
    [InlineData("""window":{"from":"08:00"}""", ".window")]
    [InlineData("""window":{"from":"08:00","to":"08:00"}""", ".window: from and to are different times")]
    [InlineData("""window":{"from":"8:00","to":"18:00"}""", ".window: ")]
    [InlineData("""window":{"from":"08:00","to":"24:00"}""", ".window: ")]
    [InlineData($$"""approvals":{"aboveSat":0,"needed":2,"approvers":["{{Group}}"]}""", ".approvals: at most 32 approvers")]
    [InlineData($$"""approvals":{"aboveSat":0,"needed":0,"approvers":["{{Group}}"]}""", ".approvals: ")]
    [InlineData($$"""approvals":{"aboveSat":0,"needed":1,"approvers":["{{Group}}","{{Group}}"]}""", ".approvals.approvers[1]: ")]
    [InlineData("""approvals":{"aboveSat":0,"needed":1,"approvers":["ff"]}""", ".approvals.approvers[0]: the 64 hex digits of an identity key")]
    public void A_rule_that_is_none_is_refused_with_its_place(string rules, string place) =>
        Refused(FileOf(Rules("*", $"\"{rules}")), place);

    [Fact]
    public void A_file_that_is_not_there_is_refused_with_its_name()
    {
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(() => Open(new ManualTime(), new Lines()));
        Assert.Equal(("policy_unreadable", false), (fault.Code, fault.IsTransient));
        Assert.Contains(_path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_is_in_force_two_seconds_later_and_a_bad_one_leaves_the_earlier_policies()
    {
        ManualTime time = new();
        Lines lines = new();
        Write(1);
        using PolicyFile file = Open(time, lines);
        Assert.Equal(1, Look());
        Write(2);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(1, Look());
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(2, Look());
        Assert.Contains("changed and are in force", Assert.Single(lines.Said), StringComparison.Ordinal);

        File.WriteAllText(_path, "{");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, Look());
        Assert.Equal(2, lines.Said.Count);
        Assert.StartsWith("Warning The policies that were read before stay in force: " + _path, lines.Said[1], StringComparison.Ordinal);
        File.Delete(_path);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((2, 3), (Look(), lines.Said.Count));
        Write(3);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3, Look());

        int? Look() => file.Of(GroupId.Parse(Group)).MaximumOutputs;
    }

    [Fact]
    public void A_file_that_is_closed_is_not_looked_at_any_more()
    {
        ManualTime time = new();
        Write(1);
        Open(time, new Lines()).Dispose();
        Assert.Equal(0, time.ArmedTimers);
    }

    private PolicyFile Open(ManualTime time, Lines lines) => PolicyFile.Open(_path, time, lines);

    private void Write(int maximumOutputs) =>
        File.WriteAllBytes(_path, FileOf(Rules(Group, $"\"maximumOutputs\":{maximumOutputs}")));

    private static SpendingPolicies Parse(string rules) => SpendingPolicies.Parse(FileOf(Rules(Group, rules)), "here");

    private static string Rules(string group, string rules) => $"\"{group}\":{{{rules}}}";

    private static byte[] FileOf(string groups) => Encoding.UTF8.GetBytes($"{{\"version\":1,\"network\":\"mainnet\",\"groups\":{{{groups}}}}}");

    private static void Refused(byte[] content, string place)
    {
        DataDirectoryException fault = Assert.Throws<DataDirectoryException>(() => SpendingPolicies.Parse(content, "policy.json"));
        Assert.Equal(("policy_invalid", false), (fault.Code, fault.IsTransient));
        Assert.StartsWith("policy.json is not a policy: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(place, fault.Message, StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger<PolicyFile>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add($"{logLevel} {formatter(state, exception)}");
    }
}
