using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Tests.Covenants;

public sealed class CovenantPlanTests
{
    private const long AmountSat = CovenantCase.AmountSat;
    private static readonly string _hash20 = string.Concat(Enumerable.Repeat("11", 20));
    private static readonly string _hash32 = string.Concat(Enumerable.Repeat("11", 32));

    // With the least that each may have: 330 sat, or the dust limit where that is higher.
    public static TheoryData<string, long> Usual => new()
    {
        { $"76a914{_hash20}88ac", 546 },
        { $"a914{_hash20}87", 540 },
        { $"0014{_hash20}", 330 },
        { $"0020{_hash32}", 330 },
        { CovenantCase.Payee.ToString(), 330 },
        { "51024e73", 330 },
    };

    public static TheoryData<string> Unusual =>
    [
        string.Empty, "51", "6a", $"6a14{_hash20}", $"76a914{_hash20}1188ac", $"0014{_hash20}00", $"5220{_hash32}", $"5120{new string('f', 64)}",
        "51024e74", string.Concat(Enumerable.Repeat("51", 10_001)),
    ];

    [Fact]
    public void A_plan_is_a_transaction_of_version_2_with_one_replaceable_input()
    {
        CovenantPlan plan = CovenantCase.Plan(CovenantCase.Maturity, feeSat: 1_234);
        Assert.Equal((2, CovenantCase.Maturity), (plan.Unsigned.Version, plan.Unsigned.LockTime));
        Assert.Equal(new TxIn(CovenantCase.OutPoint, 0xFFFF_FFFD), Assert.Single(plan.Unsigned.Inputs));
        Assert.Equal([AmountSat - 330 - 1_234, 330], plan.Unsigned.Outputs.Select(static output => output.AmountSat));
        Assert.Equal((AmountSat, 1_234), (plan.AmountSat, plan.FeeSat));
    }

    [Fact]
    public void Plans_are_equal_by_value()
    {
        Assert.Equal(CovenantCase.Plan(5), CovenantCase.Plan(5));
        Assert.NotEqual(CovenantCase.Plan(5), CovenantCase.Plan(6));
        Assert.NotEqual(CovenantCase.Plan(5, feeSat: 1), CovenantCase.Plan(5));
    }

    [Theory]
    [MemberData(nameof(Usual))]
    public void A_usual_output_may_have_its_least_amount_and_no_satoshi_less(string script, long leastSat)
    {
        Assert.Null(RefusalOf((Script.ParseHex(script), leastSat)));
        Assert.Equal(RefusalCodes.CovenantOutputDust, RefusalOf((Script.ParseHex(script), leastSat - 1)));
        Assert.Equal(RefusalCodes.CovenantOutputDust, RefusalOf((CovenantCase.Payee, 1_000), (Script.ParseHex(script), 0)));
    }

    [Theory]
    [MemberData(nameof(Unusual))]
    public void An_output_to_a_script_that_is_unknown_or_too_long_is_refused(string script) =>
        Assert.Equal(RefusalCodes.CovenantOutputScriptUnknown, RefusalOf((Script.ParseHex(script), 10_000)));

    [Fact]
    public void The_outputs_are_at_least_one_and_not_too_many()
    {
        (Script, long)[] most = [.. Enumerable.Repeat((CovenantCase.Payee, 330L), CovenantPlan.MaximumOutputs)];
        Assert.Null(RefusalOf(most));
        Assert.Equal(RefusalCodes.CovenantTooManyOutputs, RefusalOf([.. most, most[0]]));
        Assert.Equal(RefusalCodes.CovenantNoOutputs, RefusalOf());
    }

    [Theory]
    [InlineData(AmountSat - 1, null)]
    [InlineData(AmountSat, RefusalCodes.CovenantFeeTooLow)]
    [InlineData(AmountSat + 1, RefusalCodes.CovenantFeeTooLow)]
    [InlineData(TxOut.MaximumAmountSat, RefusalCodes.CovenantFeeTooLow)]
    [InlineData(TxOut.MaximumAmountSat + 1, RefusalCodes.TransactionAmountOutOfRange)]
    [InlineData(long.MaxValue, RefusalCodes.TransactionAmountOutOfRange)]
    [InlineData(-1, RefusalCodes.TransactionAmountOutOfRange)]
    [InlineData(long.MinValue, RefusalCodes.TransactionAmountOutOfRange)]
    public void A_satoshi_at_least_is_left_for_the_fee(long paidSat, string? code) => Assert.Equal(code, RefusalOf((CovenantCase.Payee, paidSat)));

    [Fact]
    public void Outputs_whose_sum_is_more_than_there_is_are_refused()
    {
        (Script, long)[] outputs = [.. Enumerable.Repeat((CovenantCase.Payee, TxOut.MaximumAmountSat), CovenantPlan.MaximumOutputs)];
        Assert.Equal(RefusalCodes.TransactionAmountOutOfRange, RefusalOf(outputs));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(TxOut.MaximumAmountSat + 1)]
    public void A_covenant_has_an_amount_that_exists(long amountSat) =>
        Assert.Equal(RefusalCodes.TransactionAmountOutOfRange, RefusalOf(CovenantCase.OutPoint, amountSat, 0, (CovenantCase.Payee, 1_000)));

    [Fact]
    public void A_covenant_is_an_output_that_can_exist() => Assert.Equal(
        RefusalCodes.CovenantNullOutPoint, RefusalOf(new OutPoint(default, uint.MaxValue), AmountSat, 0, (CovenantCase.Payee, 1_000)));

    [Theory]
    [InlineData(0, null)]
    [InlineData(499_999_999, null)]
    [InlineData(500_000_000, RefusalCodes.CovenantLockTimeNotHeight)]
    [InlineData(uint.MaxValue, RefusalCodes.CovenantLockTimeNotHeight)]
    public void A_lock_time_is_a_height(uint lockTime, string? code) =>
        Assert.Equal(code, RefusalOf(CovenantCase.OutPoint, AmountSat, lockTime, (CovenantCase.Payee, 1_000)));

    private static string? RefusalOf(params (Script, long)[] outputs) => RefusalOf(CovenantCase.OutPoint, AmountSat, 0, outputs);

    private static string? RefusalOf(OutPoint spent, long amountSat, uint lockTime, params (Script, long)[] outputs)
    {
        bool isPlan = CovenantPlan.TryCreate(spent, amountSat, outputs, lockTime, out CovenantPlan? plan, out BitcoinRefusal? refusal);
        Assert.Equal(isPlan, plan is not null);
        return refusal?.Code;
    }
}
