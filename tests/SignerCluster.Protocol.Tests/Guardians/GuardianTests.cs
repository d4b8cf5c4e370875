using SignerCluster.Protocol.Guardian;
using static SignerCluster.Protocol.Tests.Guardians.GuardianSpecification;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>What a guardian accepts, once, and what it refuses without a trace.</summary>
public class GuardianTests
{
    [Fact]
    public void G1_A_withdrawal_is_one_event_with_id_transaction_number_debit_and_what_is_left()
    {
        GuardianSpecification guardian = Guarded().After(5).WhenWithdrawn(1, 60);
        GuardianRecord.WithdrawalAccepted accepted = guardian.Accepted;
        Assert.Equal((Id(1), Txid(1), 0UL, 60UL, Start + 5), (accepted.Id, accepted.Txid, accepted.Sequence, accepted.Debit, accepted.At));
        Assert.Equal([40UL], accepted.After);
        Assert.Equal(guardian.Chain[0].ComputeHash(), accepted.Previous);
        Assert.Equal(2, guardian.History.Count);
    }

    [Fact]
    public void G1_The_same_withdrawal_again_is_answered_from_the_record_and_not_paid_for_again()
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 60);
        GuardianRecord.WithdrawalAccepted first = guardian.Accepted;
        guardian.After(10_000).WhenWithdrawn(1, 60).ThenNothingIsWritten();
        Assert.Equal(first, guardian.Accepted);
    }

    [Fact]
    public void G2_The_same_id_with_another_transaction_is_refused()
    {
        Guarded().WhenWithdrawn(1, 60).WhenWithdrawn(1, 60, txid: 2).ThenRefused("withdrawal_conflict");
        Guarded().WhenWithdrawn(1, 60).WhenWithdrawn(1, 61).ThenRefused("withdrawal_conflict");
    }

    [Fact]
    public void G1_A_transaction_is_never_paid_for_under_a_second_id() =>
        Guarded().WhenWithdrawn(1, 10).WhenWithdrawn(2, 10, txid: 1).ThenRefused("transaction_already_withdrawn");

    [Fact]
    public void G3_Numbers_count_from_zero_without_a_gap_whatever_is_refused_between()
    {
        GuardianSpecification guardian = Guarded();
        guardian.WhenWithdrawn(1, 10);
        guardian.WhenWithdrawn(2, 101).ThenRefused("withdrawal_too_large");
        guardian.WhenWithdrawn(3, 91).ThenRefused("withdrawal_rate_limited");
        guardian.WhenWithdrawn(4, 10);
        Assert.Equal(1UL, guardian.Accepted.Sequence);
    }

    [Fact]
    public void G5_A_refusal_changes_nothing_not_even_the_refill()
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 100);
        GuardianState before = guardian.State;
        guardian.After(30).WhenWithdrawn(2, 31).ThenRefused("withdrawal_rate_limited");
        Assert.Equal(before, guardian.State with { Withdrawals = before.Withdrawals, Log = before.Log });
        Assert.Equal("31", guardian.Refusal.Evidence["needed"]);
        Assert.Equal("30", guardian.Refusal.Evidence["available"]);
        Assert.Equal((Start + 31).ToString(System.Globalization.CultureInfo.InvariantCulture), guardian.Refusal.Evidence["availableAt"]);
        guardian.After(1).WhenWithdrawn(2, 31).ThenAccepted();
    }

    [Fact]
    public void The_smallest_window_decides_and_is_named()
    {
        GuardianRules rules = Rules with { Windows = Batch.Of<LimiterWindow>([new("minute", 50, 1), new("day", 60, 0)]) };
        GuardianSpecification guardian = Guarded(rules).WhenWithdrawn(1, 51).ThenRefused("withdrawal_too_large");
        Assert.Equal("minute", guardian.Refusal.Evidence["window"]);
        guardian.WhenWithdrawn(1, 50).ThenAccepted().After(50).WhenWithdrawn(2, 11).ThenRefused("withdrawal_rate_limited");
        Assert.Equal("day", guardian.Refusal.Evidence["window"]);
        Assert.Equal("never", guardian.Refusal.Evidence["availableAt"]);
        guardian.WhenWithdrawn(2, 10).ThenAccepted();
    }

    [Theory]
    [InlineData(300, null)]
    [InlineData(301, "withdrawal_too_new")]
    public void A_timestamp_may_be_ahead_of_the_clock_by_the_skew(ulong ahead, string? refused) =>
        Judge(Guarded().WhenWithdrawn(1, 1, timestamp: Start + ahead), refused);

    [Theory]
    [InlineData(1800, null)]
    [InlineData(1801, "withdrawal_too_old")]
    public void A_timestamp_may_be_behind_the_clock_by_the_age(ulong behind, string? refused) =>
        Judge(Guarded().At(Start + 5000).WhenWithdrawn(1, 1, timestamp: Start + 5000 - behind), refused);

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "withdrawal_time_backwards")]
    public void G3_A_timestamp_is_never_before_the_one_before(ulong before, string? refused) =>
        Judge(Guarded().After(100).WhenWithdrawn(1, 1).WhenWithdrawn(2, 1, timestamp: Start + 100 - before), refused);

    [Fact]
    public void G3_A_timestamp_is_never_before_that_of_any_record_because_no_seat_would_fold_it()
    {
        GuardianSpecification frozen = Guarded().After(100).When(new GuardianCommand.Freeze("a")).When(new GuardianCommand.Unfreeze("b"));
        frozen.WhenWithdrawn(1, 1, timestamp: Start + 99).ThenRefused("withdrawal_time_backwards");
        frozen.WhenWithdrawn(1, 1, timestamp: Start + 100).ThenAccepted();
        GuardianSpecification announced = Guarded().After(100).When(new GuardianCommand.Configure(Rules with { MaximumAge = 1801 }));
        announced.WhenWithdrawn(1, 1, timestamp: Start + 99).ThenRefused("withdrawal_time_backwards");
    }

    [Fact]
    public void G3_A_clock_that_goes_back_does_not_turn_the_chain_back()
    {
        GuardianSpecification guardian = Guarded().After(100).WhenWithdrawn(1, 1).At(Start).WhenWithdrawn(2, 1);
        Assert.Equal(Start + 100, guardian.Accepted.At);
        guardian.At(Start - 1000).WhenWithdrawn(3, 1).ThenRefused("withdrawal_too_new");
    }

    [Theory]
    [InlineData(0UL, "withdrawal_amount_invalid")]
    [InlineData(101UL, "withdrawal_too_large")]
    [InlineData(1UL << 63, "withdrawal_too_large")]
    [InlineData(ulong.MaxValue, "withdrawal_too_large")]
    public void G4_No_amount_wraps_into_acceptance(ulong debit, string refused) => Guarded().WhenWithdrawn(1, debit).ThenRefused(refused);

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public void G4_No_time_wraps_into_acceptance(ulong timestamp)
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 100).WhenWithdrawn(2, 1, timestamp);
        Assert.Contains(guardian.Refusal.Code, (string[])["withdrawal_too_old", "withdrawal_too_new"]);
    }

    [Fact]
    public void G4_The_greatest_rates_and_capacities_do_not_wrap()
    {
        GuardianSpecification guardian = Guarded(Rules with { Windows = new LimiterWindow("all", ulong.MaxValue, ulong.MaxValue) });
        guardian.WhenWithdrawn(1, ulong.MaxValue).ThenAccepted().WhenWithdrawn(2, 1).ThenRefused("withdrawal_rate_limited");
        guardian.After(1_000_000).WhenWithdrawn(2, ulong.MaxValue).ThenAccepted();
        Assert.Equal([0UL], guardian.Accepted.After);
    }

    [Fact]
    public void A_group_without_a_guardian_has_no_withdrawals_and_plain_sessions()
    {
        new GuardianSpecification().WhenWithdrawn(1, 1).ThenRefused("guardian_missing");
        Assert.IsType<GuardianReply.Unguarded>(new GuardianSpecification().When(new GuardianCommand.Admit(Id(1))).Reply);
    }

    [Fact]
    public void A_group_with_a_guardian_has_withdrawals_and_nothing_else()
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Admit(Id(1))).ThenRefused("withdrawal_required");
        guardian.WhenWithdrawn(1, 1);
        GuardianRecord.WithdrawalAccepted accepted = guardian.Accepted;
        Assert.Equal(accepted, guardian.When(new GuardianCommand.Admit(Id(1))).Accepted);
    }

    [Fact]
    public void What_cannot_spend_needs_no_withdrawal_and_stops_with_everything_else()
    {
        GuardianCommand proof = new GuardianCommand.Admit(Id(1), Spends: false);
        GuardianSpecification guardian = Guarded().When(proof);
        Assert.IsType<GuardianReply.Unguarded>(guardian.Reply);
        guardian.When(new GuardianCommand.Freeze("key suspected")).When(proof).ThenRefused("group_frozen");
        guardian.When(new GuardianCommand.Stop("audit")).When(proof).ThenRefused("group_stopped");
    }

    [Fact]
    public void A_freeze_holds_at_once_for_new_and_accepted_withdrawals_until_it_is_lifted()
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 1).When(new GuardianCommand.Freeze("key suspected")).ThenAccepted();
        guardian.WhenWithdrawn(2, 1).ThenRefused("group_frozen");
        guardian.When(new GuardianCommand.Admit(Id(1))).ThenRefused("group_frozen");
        guardian.When(new GuardianCommand.Freeze("again")).ThenNothingIsWritten();
        guardian.When(new GuardianCommand.Unfreeze("checked")).WhenWithdrawn(2, 1).ThenAccepted();
        guardian.When(new GuardianCommand.Unfreeze("again")).ThenNothingIsWritten();
    }

    [Fact]
    public void A_party_stops_its_own_part_whether_or_not_there_is_a_guardian()
    {
        GuardianSpecification plain = new GuardianSpecification().When(new GuardianCommand.Stop("audit")).ThenAccepted();
        plain.When(new GuardianCommand.Admit(Id(1))).ThenRefused("group_stopped");
        plain.When(new GuardianCommand.Resume("audited")).When(new GuardianCommand.Admit(Id(1))).ThenAccepted();
        Assert.Empty(plain.Chain);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    public void A_stop_and_a_freeze_have_a_reason(string reason)
    {
        Guarded().When(new GuardianCommand.Freeze(reason)).ThenRefused("guardian_reason_invalid");
        Guarded().When(new GuardianCommand.Stop(reason)).ThenRefused("guardian_reason_invalid");
    }

    private static void Judge(GuardianSpecification guardian, string? refused) =>
        _ = refused is null ? guardian.ThenAccepted() : guardian.ThenRefused(refused);
}
