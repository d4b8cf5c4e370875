using SignerCluster.Protocol.Guardian;
using static SignerCluster.Protocol.Tests.Guardians.GuardianSpecification;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>Less is allowed at once, more only after a delay.</summary>
public class RuleChangeTests
{
    private static GuardianRules Looser => Rules with { Windows = new LimiterWindow("hour", 200, 1) };

    private static GuardianRules Tighter => Rules with { Windows = new LimiterWindow("hour", 30, 1) };

    [Fact]
    public void Tighter_rules_hold_at_once_and_clamp_what_is_there()
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(Tighter)).WhenWithdrawn(1, 31).ThenRefused("withdrawal_too_large");
        Assert.Equal([30UL], guardian.View.Tokens!);
    }

    [Fact]
    public void Looser_rules_hold_after_the_delay_of_the_present_ones_and_not_a_second_before()
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(Looser with { LooseningDelay = 1 })).ThenAccepted();
        Assert.Equal(Start + 1000, guardian.View.AnnouncedFrom);
        guardian.After(999).WhenWithdrawn(1, 101).ThenRefused("withdrawal_too_large");
        guardian.After(1).WhenWithdrawn(1, 101).ThenRefused("withdrawal_rate_limited");
        Assert.Equal("100", guardian.Refusal.Evidence["available"]);
        guardian.After(1).WhenWithdrawn(1, 101).ThenAccepted();
        Assert.IsType<GuardianRecord.LooseningApplied>(guardian.Chain[^2]);
    }

    [Fact]
    public void G5_A_withdrawal_that_is_refused_does_not_record_that_announced_rules_hold()
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(Looser)).After(1000).WhenWithdrawn(1, 201);
        guardian.ThenRefused("withdrawal_too_large");
        Assert.Equal("200", guardian.Refusal.Evidence["capacity"]);
        Assert.IsType<GuardianRecord.LooseningAnnounced>(guardian.Chain[^1]);
    }

    [Fact]
    public void What_was_announced_is_withdrawn_by_rules_that_hold_at_once()
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(Looser)).When(new GuardianCommand.Configure(Rules)).ThenAccepted();
        Assert.Null(guardian.View.Announced);
        guardian.After(5000).WhenWithdrawn(1, 101).ThenRefused("withdrawal_too_large");
    }

    [Fact]
    public void The_same_announcement_again_does_not_begin_the_delay_anew()
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(Looser)).After(500)
            .When(new GuardianCommand.Configure(Looser)).ThenNothingIsWritten();
        Assert.Equal(Start + 1000, guardian.View.AnnouncedFrom);
    }

    public static TheoryData<GuardianRules> LooserOnes =>
    [
        Looser,
        Rules with { Windows = new LimiterWindow("hour", 100, 2) },
        Rules with { Windows = new LimiterWindow("day", 100, 1) },
        Rules with { MaximumAge = 1801 },
        Rules with { MaximumSkew = 301 },
        Rules with { LooseningDelay = 999 },
        Tighter with { MaximumAge = 1801 },
    ];

    [Theory]
    [MemberData(nameof(LooserOnes))]
    public void Whatever_allows_anything_more_is_a_loosening(GuardianRules rules)
    {
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(rules));
        Assert.IsType<GuardianRecord.LooseningAnnounced>(guardian.Chain[^1]);
        Assert.Equal(Rules, guardian.View.Rules);
    }

    [Fact]
    public void A_window_more_is_a_tightening_and_begins_full()
    {
        GuardianRules rules = Rules with { Windows = Batch.Of<LimiterWindow>([new("hour", 100, 1), new("day", 40, 0)]) };
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 90).When(new GuardianCommand.Configure(rules)).ThenAccepted();
        Assert.Equal([10UL, 40UL], guardian.View.Tokens!);
    }

    [Fact]
    public void G4_What_was_earned_before_a_change_was_earned_at_the_old_rate()
    {
        GuardianRules slow = Rules with { Windows = new LimiterWindow("hour", 100, 0) };
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 100).After(10).When(new GuardianCommand.Configure(slow)).After(50);
        Assert.Equal([10UL], guardian.View.Tokens!);
    }

    public static TheoryData<GuardianRules> BrokenOnes =>
    [
        Rules with { Windows = new LimiterWindow("Hour", 1, 1) },
        Rules with { Windows = new LimiterWindow("", 1, 1) },
        Rules with { Windows = new LimiterWindow(new string('a', 33), 1, 1) },
        Rules with { Windows = new LimiterWindow("hour", 0, 1) },
        Rules with { Windows = Batch.Of<LimiterWindow>([new("hour", 1, 1), new("hour", 2, 1)]) },
        Rules with { Windows = Batch.Of(Enumerable.Range(0, 9).Select(static number => new LimiterWindow($"w{number}", 1, 1))) },
        Rules with { MaximumAge = 0 },
        Rules with { MaximumAge = ulong.MaxValue },
        Rules with { MaximumSkew = ulong.MaxValue },
        Rules with { LooseningDelay = ulong.MaxValue },
    ];

    [Theory]
    [MemberData(nameof(BrokenOnes))]
    public void Rules_that_cannot_be_used_are_refused(GuardianRules rules)
    {
        new GuardianSpecification().When(new GuardianCommand.Configure(rules)).ThenRefused("guardian_rules_invalid");
        Guarded().When(new GuardianCommand.Configure(rules)).ThenRefused("guardian_rules_invalid");
    }

    [Fact]
    public void When_an_amount_is_there_again_is_told()
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 100).After(10);
        Assert.Equal(guardian.Now, guardian.View.AvailableAt(10, guardian.Now));
        Assert.Equal(guardian.Now + 90, guardian.View.AvailableAt(100, guardian.Now));
        Assert.Null(guardian.View.AvailableAt(101, guardian.Now));
    }
}
