using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Policy;

/// <summary>Each rule of a policy at its limit and just over it.</summary>
public sealed class RuleTests
{
    private const long Noon = 1_700_000_000 - (1_700_000_000 % 86_400) + 43_200;
    private static readonly Party _party = Party.Of(2, 3);
    private static readonly Script _change = Withdrawal.ChangeOf(_party);
    private static readonly AcceptedPayment _payment = Withdrawal.Accept(_party, Withdrawal.Psbt(_party));

    private static readonly Dictionary<string, (SpendingPolicy AtLimit, SpendingPolicy Over, string Code, string Evidence)> _rules = new(StringComparer.Ordinal)
    {
        ["outputs"] = (
            new() { MaximumOutputs = 3 }, new() { MaximumOutputs = 2 }, "policy_too_many_outputs", "needed=3 available=2"),
        ["quarantine of an output"] = (
            new() { Quarantined = Scripts(Withdrawal.Carol) }, new() { Quarantined = Scripts(Withdrawal.Bob) }, "policy_output_quarantined", $"output=1 to={Bob}"),
        ["quarantine of an input"] = (
            new() { Quarantined = Scripts(Withdrawal.Carol) }, new() { Quarantined = Scripts(Withdrawal.Dave) }, "policy_input_quarantined", $"input=1 from={Dave}"),
        ["denied"] = (
            new() { Denied = Scripts(Withdrawal.Carol) }, new() { Denied = Scripts(Withdrawal.Alice) }, "policy_output_denied", $"output=0 to={Alice}"),
        ["allowed"] = (
            new() { Allowed = Scripts(Withdrawal.Alice, Withdrawal.Bob) },
            new() { Allowed = Scripts(Withdrawal.Alice) },
            "policy_output_not_allowed",
            $"output=1 to={Bob}"),
        ["amount of an output"] = (
            new() { MaximumOutputSat = 50_000 },
            new() { MaximumOutputSat = 49_999 },
            "policy_output_above_limit",
            $"output=0 to={Alice} needed=50000 available=49999"),
        ["fee rate"] = (
            new() { MaximumFeeRate = 10 }, new() { MaximumFeeRate = 9 }, "policy_fee_rate_above_limit", "needed=3000 available=2700 virtualBytes=300"),
        ["window"] = (
            new() { Window = Window("12:00", "12:01") }, new() { Window = Window("12:01", "12:00") }, "policy_outside_window", "now=12:00:00 from=12:01:00 to=12:00:00"),
        ["payment"] = (
            new() { MaximumPaymentSat = 71_000 }, new() { MaximumPaymentSat = 70_999 }, "policy_payment_above_limit", "needed=71000 available=70999"),
        ["day"] = (
            new() { MaximumDaySat = 100_000 }, new() { MaximumDaySat = 99_999 }, "policy_day_above_limit", "needed=71000 available=70999 spent=29000"),
        ["approvals"] = (
            new() { Approvals = Rule(71_000) }, new() { Approvals = Rule(70_999) }, "policy_approvals_missing", "needed=1 available=0 given=0 above=70999"),
        ["hash types"] = (
            new(), new() { HashTypes = new HashSet<SighashType> { SighashType.All } }, "policy_hash_type", "input=0 needed=Default available=All"),
    };

    public static TheoryData<string> Rules => [.. _rules.Keys];

    private static string Alice => Address(Withdrawal.Alice);

    private static string Bob => Address(Withdrawal.Bob);

    private static string Dave => Address(Withdrawal.Dave);

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_payment_at_a_limit_is_signed_and_one_just_over_it_is_refused_with_the_rule_and_its_numbers(string rule)
    {
        // A size that makes the rate a round number.
        AcceptedPayment payment = _payment with { FeeSat = 3_000, VirtualBytes = 300 };
        (SpendingPolicy atLimit, SpendingPolicy over, string code, string evidence) = _rules[rule];
        Assert.Empty(PolicyCheck.Findings(atLimit, payment, Facts()));
        Refusal refusal = PolicyCheck.Findings(over, payment, Facts()).First();
        Assert.Equal(code, refusal.Code);
        Assert.StartsWith(evidence, string.Join(' ', refusal.Evidence.Select(static pair => $"{pair.Key}={pair.Value}")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_without_rules_signs_what_commits_to_the_whole_transaction() =>
        Assert.Empty(PolicyCheck.Findings(new SpendingPolicy(), _payment, Facts()));

    [Fact]
    public void A_group_that_the_file_does_not_name_gets_nothing()
    {
        Refusal refusal = Assert.Single(PolicyCheck.Findings(SpendingPolicy.Unnamed, _payment, Facts()));
        Assert.Equal(("policy_group_missing", _party.Id.ToString()), (refusal.Code, refusal.Evidence["group"]));
    }

    [Fact]
    public void What_the_group_loses_is_its_inputs_less_the_change_and_has_the_fee_in_it() => Assert.Equal(Withdrawal.OutflowSat, _payment.OutflowSat);

    [Fact]
    public void Denied_beats_allowed_and_quarantine_is_said_before_both() => Codes(
        new()
        {
            Allowed = Scripts(Withdrawal.Alice, Withdrawal.Bob),
            Denied = Scripts(Withdrawal.Bob),
            Quarantined = Scripts(Withdrawal.Bob),
        },
        _payment,
        "policy_output_quarantined",
        "policy_output_denied");

    [Fact]
    public void Change_back_to_the_group_is_always_allowed() => Codes(
        new()
        {
            Allowed = Scripts(Withdrawal.Alice, Withdrawal.Bob),
            Denied = Scripts(_change),
            Quarantined = Scripts(_change),
            MaximumOutputSat = 50_000,
        },
        Withdrawal.Accept(_party, Withdrawal.Psbt(_party, (10_000, Withdrawal.Alice), (69_000, _change))));

    public static TheoryData<string> Lookalikes => ["untweaked", "with scripts", "another version", "another group", "a byte more"];

    [Theory]
    [MemberData(nameof(Lookalikes))]
    public void An_output_that_only_looks_like_the_groups_is_no_change(string kind)
    {
        XOnlyPublicKey key = _party.Group.GroupKey.XOnly;
        Script lookalike = kind switch
        {
            "untweaked" => Taproot.ScriptPubKey(key),
            "with scripts" => Taproot.ScriptPubKey(Taproot.OutputKey(key, Party.Hash("scripts"))),
            "another version" => Script.From([0x52, .. _change.AsSpan()[1..]]),
            "another group" => Withdrawal.ChangeOf(Party.Of(2, 3, "another")),
            _ => Script.From([.. _change.AsSpan(), 0]),
        };
        AcceptedPayment payment = Withdrawal.Accept(_party, Withdrawal.Psbt(_party, (10_000, Withdrawal.Alice), (69_000, lookalike)));
        Assert.Equal(80_000UL, payment.OutflowSat);
        Codes(new() { Allowed = Scripts(Withdrawal.Alice) }, payment, "policy_output_not_allowed");
    }

    [Theory]
    [InlineData(SighashType.None, 80_000)]
    [InlineData(SighashType.Single, 80_000)]
    [InlineData(SighashType.SingleAnyoneCanPay, 80_000)]
    [InlineData(SighashType.AllAnyoneCanPay, 71_000)]
    [InlineData(SighashType.All, 71_000)]
    public void Change_counts_only_where_the_signatures_bind_the_outputs(SighashType type, long outflowSat)
    {
        AcceptedPayment payment = Withdrawal.Accept(_party, Withdrawal.Psbt(_party).WithSighashType(0, type));
        Assert.Equal((ulong)outflowSat, payment.OutflowSat);
        SpendingPolicy strict = new();
        Codes(strict, payment, type == SighashType.All ? [] : ["policy_hash_type"]);
        Codes(strict with { HashTypes = new HashSet<SighashType> { SighashType.Default, type } }, payment);
    }

    [Fact]
    public void Where_nobody_counts_the_day_a_limit_of_the_day_refuses()
    {
        Refusal refusal = Assert.Single(PolicyCheck.Findings(new() { MaximumDaySat = ulong.MaxValue }, _payment, Facts() with { SpentToday = null }));
        Assert.Equal("policy_spent_unknown", refusal.Code);
        Assert.Contains("guardian", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue, ulong.MaxValue, "0")]
    [InlineData(100_000UL, ulong.MaxValue, "0")]
    [InlineData(ulong.MaxValue, ulong.MaxValue - 70_999, "70999")]
    public void A_day_that_is_full_to_the_last_bit_leaves_no_more_than_there_is(ulong limitSat, ulong spentSat, string available)
    {
        Refusal refusal = Assert.Single(PolicyCheck.Findings(new() { MaximumDaySat = limitSat }, _payment, Facts() with { SpentToday = spentSat }));
        Assert.Equal(("policy_day_above_limit", available), (refusal.Code, refusal.Evidence["available"]));
    }

    [Fact]
    public void Amounts_that_do_not_fit_into_64_bits_are_refused_by_every_policy()
    {
        Codes(new(), _payment with { OwnSat = [ulong.MaxValue, 1] }, "policy_amount_overflow");
        Codes(new(), _payment with { OwnSat = [ulong.MaxValue, 0] });
        PaidOutput huge = new(0, ulong.MaxValue, _change, IsChange: true);
        Codes(new(), _payment with { Outputs = [huge, huge] }, "policy_amount_overflow");
        Codes(new(), _payment with { FeeSat = null }, "policy_amount_overflow");
        Codes(new() { MaximumFeeRate = ulong.MaxValue }, _payment with { FeeSat = ulong.MaxValue, VirtualBytes = ulong.MaxValue });
    }

    [Fact]
    public void More_change_than_the_group_brought_is_no_loss() =>
        Assert.Equal(0UL, Withdrawal.Accept(_party, Withdrawal.Psbt(_party, (80_500, _change))).OutflowSat);

    [Fact]
    public void All_findings_come_in_the_order_of_the_rules() => Codes(
        new()
        {
            HashTypes = new HashSet<SighashType>(),
            MaximumOutputs = 1,
            Quarantined = Scripts(Withdrawal.Alice, Withdrawal.Dave),
            Denied = Scripts(Withdrawal.Bob),
            Allowed = Scripts(),
            MaximumOutputSat = 1,
            MaximumFeeRate = 0,
            Window = Window("00:00", "11:00"),
            MaximumPaymentSat = 0,
            MaximumDaySat = 0,
            Approvals = Rule(0),
        },
        _payment,
        "policy_hash_type", "policy_hash_type", "policy_too_many_outputs", "policy_output_quarantined", "policy_input_quarantined", "policy_output_denied",
        "policy_output_not_allowed", "policy_output_not_allowed", "policy_output_above_limit", "policy_output_above_limit", "policy_fee_rate_above_limit",
        "policy_outside_window", "policy_payment_above_limit", "policy_day_above_limit", "policy_approvals_missing");

    [Theory]
    [InlineData("08:00", "18:00", "07:59:59", false)]
    [InlineData("08:00", "18:00", "08:00:00", true)]
    [InlineData("08:00", "18:00", "17:59:59", true)]
    [InlineData("08:00", "18:00", "18:00:00", false)]
    [InlineData("22:00", "06:00", "21:59:59", false)]
    [InlineData("22:00", "06:00", "22:00:00", true)]
    [InlineData("22:00", "06:00", "23:59:59", true)]
    [InlineData("22:00", "06:00", "00:00:00", true)]
    [InlineData("22:00", "06:00", "05:59:59", true)]
    [InlineData("22:00", "06:00", "06:00:00", false)]
    [InlineData("08:00", "00:00", "23:59:59", true)]
    [InlineData("08:00", "00:00", "00:00:00", false)]
    [InlineData("00:00", "23:59", "00:00:00", true)]
    public void A_window_is_open_from_its_first_second_until_before_its_last(string from, string to, string time, bool isOpen)
    {
        long second = (long)TimeSpan.Parse(time).TotalSeconds;
        long day = 1_700_000_000 - (1_700_000_000 % 86_400);
        Assert.Equal(isOpen, Window(from, to).Contains(day + second));
        // Before 1970, as a clock that was never set may say.
        Assert.Equal(isOpen, Window(from, to).Contains(second - 86_400));
    }

    private static PolicyFacts Facts() => new(_party.Id, Noon, SpentToday: 29_000, []);

    private static void Codes(SpendingPolicy policy, AcceptedPayment payment, params string[] codes) =>
        Assert.Equal(codes, PolicyCheck.Findings(policy, payment, Facts()).Select(static finding => finding.Code));

    private static HashSet<Script> Scripts(params Script[] scripts) => [.. scripts];

    private static DailyWindow Window(string from, string to) => new(TimeOnly.Parse(from), TimeOnly.Parse(to));

    private static ApprovalRule Rule(ulong aboveSat) => new(aboveSat, 1, [Withdrawal.IdentityOf("erin")]);

    private static string Address(Script script) => Bitcoin.Addresses.OutputAddress.Of(Bitcoin.Addresses.Network.Mainnet, script)!;
}
