using SignerCluster.Protocol.Guardian;
using static SignerCluster.Protocol.Tests.Guardians.GuardianSpecification;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>What a party lets be withdrawn on one day, which is the day of the withdrawal's own time.</summary>
public sealed class DayLimitTests
{
    private const ulong Limit = 250;

    /// <summary>Three minutes before a UTC midnight.</summary>
    private const ulong BeforeMidnight = (20_000 * 86_400) - 180;

    private static readonly GuardianRules _rules = Rules with { Windows = new LimiterWindow("all", 1_000_000, 1) };

    [Fact]
    public void G5_A_withdrawal_above_the_days_limit_is_refused_before_it_is_paid_for_and_one_that_fits_still_does()
    {
        GuardianSpecification guardian = Withdrawn(Guarded(), 1, 200);
        ulong tokens = guardian.State.Limiter!.Tokens[0];
        Withdrawn(guardian, 2, 200).ThenRefused("policy_day_above_limit");
        Assert.Equal(("50", "200"), (guardian.Refusal.Evidence["available"], guardian.Refusal.Evidence["spent"]));
        Assert.Equal((tokens, 1), (guardian.State.Limiter!.Tokens[0], guardian.State.Withdrawals.Count));
        Withdrawn(guardian, 3, 50).ThenAccepted();
        Withdrawn(guardian, 4, 1).ThenRefused("policy_day_above_limit");
    }

    [Fact]
    public void G4_Timestamps_of_the_next_day_count_for_the_next_day_however_many_there_are_and_this_day_keeps_its_sum()
    {
        GuardianSpecification guardian = Withdrawn(Guarded(), 1, 200);
        Withdrawn(guardian, 2, 200, BeforeMidnight + 240).ThenAccepted();
        Withdrawn(guardian, 3, 200, BeforeMidnight + 241).ThenRefused("policy_day_above_limit");
        Withdrawn(guardian, 4, 50, BeforeMidnight + 241).ThenAccepted();
        Withdrawn(guardian, 5, 1, BeforeMidnight + 241).ThenRefused("policy_day_above_limit");
        Withdrawn(guardian.After(400), 6, 1).ThenRefused("policy_day_above_limit");
    }

    [Fact]
    public void G4_Timestamps_of_the_day_before_count_for_that_day()
    {
        GuardianSpecification guardian = Withdrawn(Guarded(), 1, 200).After(360);
        Withdrawn(guardian, 2, 200, BeforeMidnight + 120).ThenRefused("policy_day_above_limit");
        Withdrawn(guardian, 3, 50, BeforeMidnight + 120).ThenAccepted();
        Withdrawn(guardian, 4, 1, BeforeMidnight + 121).ThenRefused("policy_day_above_limit");
        Withdrawn(guardian, 5, 250).ThenAccepted();
    }

    [Fact]
    public void What_comes_after_a_withdrawal_changes_nothing_for_it_at_any_seat_and_no_checkpoint_does()
    {
        GuardianSpecification guardian = Withdrawn(Guarded(), 1, 200);
        Withdrawn(guardian, 2, 50).ThenAccepted();
        Assert.Equal((0UL, 200UL), (SpentBefore(guardian, 1), SpentBefore(guardian, 2)));
        Assert.Equal(200UL, Assert.IsType<GuardianReply.Admitted>(guardian.When(new GuardianCommand.Admit(Id(2))).Reply).SpentToday);

        GuardianState restored = GuardianCheckpoint.Restore(GuardianCheckpoint.Take(guardian.State, guardian.History.Count, default));
        Assert.Equal(200UL, restored.Withdrawals.Find(Id(2))!.SpentBefore);
        Assert.Equal(0UL, restored.Withdrawals.Find(Id(1))!.SpentBefore);
    }

    private static GuardianSpecification Guarded() =>
        new GuardianSpecification().At(BeforeMidnight).When(new GuardianCommand.Configure(_rules)).ThenAccepted();

    private static GuardianSpecification Withdrawn(GuardianSpecification guardian, int number, ulong debit, ulong? timestamp = null) =>
        guardian.When(new GuardianCommand.Withdraw(Id(number), Txid(number), debit, timestamp, Limit));

    private static ulong SpentBefore(GuardianSpecification guardian, int number) => guardian.State.Withdrawals.Find(Id(number))!.SpentBefore;
}
