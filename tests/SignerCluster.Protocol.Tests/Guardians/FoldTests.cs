using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Tests.Harness;
using static SignerCluster.Protocol.Tests.Guardians.GuardianSpecification;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>A seat's guardian takes from the coordinator's chain what it would have decided itself, and nothing else.</summary>
public class FoldTests
{
    private static GuardianSpecification Seat => new();

    [Fact]
    public void G9_A_chain_folds_to_the_same_state_and_head()
    {
        GuardianSpecification guardian = Long();
        GuardianSpecification seat = Seat.At(guardian.Now).WhenTold(guardian.Chain).ThenFolded(guardian.Chain.Count);
        Assert.Equal(guardian.State.Head, seat.State.Head);
        Assert.Equal(guardian.State.Limiter, seat.State.Limiter);
        Assert.Equal(guardian.State.Rules, seat.State.Rules);
    }

    [Fact]
    public void What_was_folded_already_is_not_folded_again()
    {
        GuardianSpecification guardian = Long();
        Seat.At(guardian.Now).WhenTold(guardian.Chain).WhenTold(guardian.Chain).ThenFolded(guardian.Chain.Count).ThenNothingIsWritten();
    }

    [Fact]
    public void A_record_whose_predecessors_are_missing_waits_for_them()
    {
        GuardianSpecification guardian = Long();
        Seat.At(guardian.Now).WhenTold([.. guardian.Chain.Skip(1)]).ThenFolded(0, "guardian_behind").ThenNothingIsWritten()
            .WhenTold(guardian.Chain).ThenFolded(guardian.Chain.Count);
    }

    [Fact]
    public void G9_Any_altered_field_of_any_record_breaks_the_chain_at_the_next_one()
    {
        GuardianSpecification guardian = Long();
        for (int index = 0; index < guardian.Chain.Count - 1; index++)
        {
            GuardianRecord[] altered = [.. guardian.Chain];
            altered[index] = Altered(altered[index]);
            GuardianReply.Folded folded = Assert.IsType<GuardianReply.Folded>(Seat.At(guardian.Now).WhenTold(altered).Reply);
            Assert.InRange(folded.Next, index, index + 1);
            Assert.NotNull(folded.Why);
        }
    }

    [Fact]
    public void G9_A_chain_of_another_group_does_not_fold()
    {
        GuardianRecord first = Long().Chain[0] with { Previous = GuardianRecord.StartOf(new GroupId(Party.Hash("another"))) };
        Seat.WhenTold(first).ThenFolded(0, "guardian_diverged");
    }

    [Fact]
    public void A_coordinator_that_debits_more_than_the_bucket_has_gets_nothing()
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 80);
        GuardianRecord lie = new GuardianRecord.WithdrawalAccepted(2, Start, guardian.State.Head, Id(2), Txid(2), 1, 80, 0UL);
        GuardianSpecification seat = Seat.WhenTold([.. guardian.Chain, lie]).ThenFolded(2, "withdrawal_rate_limited");
        seat.When(new GuardianCommand.Admit(Id(2))).ThenRefused("withdrawal_required");
    }

    [Fact]
    public void A_coordinator_that_lies_about_what_is_left_gets_nothing_and_is_told_the_difference()
    {
        GuardianSpecification guardian = Guarded();
        GuardianRecord lie = new GuardianRecord.WithdrawalAccepted(1, Start, guardian.State.Head, Id(1), Txid(1), 0, 80, 100UL);
        GuardianSpecification seat = Seat.WhenTold([.. guardian.Chain, lie]).ThenFolded(1, "guardian_diverged");
        Refusal why = ((GuardianReply.Folded)seat.Reply).Why!;
        Assert.Equal(("after", "20", "100"), (why.Evidence["what"], why.Evidence["expected"], why.Evidence["actual"]));
    }

    [Fact]
    public void A_coordinator_that_numbers_or_dates_wrongly_gets_nothing()
    {
        GuardianSpecification guardian = Guarded().After(10).WhenWithdrawn(1, 1);
        GuardianRecord.WithdrawalAccepted next = new(2, Start + 10, guardian.State.Head, Id(2), Txid(2), 1, 1, 98UL);
        Assert.Null(Fold(next));
        Assert.Equal("withdrawal_sequence_mismatch", Fold(next with { Sequence = 2 }));
        Assert.Equal("guardian_diverged", Fold(next with { At = Start + 9 }));
        Assert.Equal("withdrawal_too_new", Fold(next with { At = Start + 311, After = 99UL }));
        Assert.Equal("guardian_diverged", Fold(next with { Id = Id(1) }));
        Assert.Equal("guardian_diverged", Fold(next with { Txid = Txid(1) }));
        Assert.Equal("guardian_diverged", Fold(next with { Debit = 0, After = 99UL }));

        string? Fold(GuardianRecord last) =>
            ((GuardianReply.Folded)Seat.At(Start + 10).WhenTold([.. guardian.Chain, last]).Reply).Why?.Code;
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    public void A_freeze_without_a_reason_is_not_folded(string reason)
    {
        GuardianSpecification guardian = Guarded();
        Seat.WhenTold([.. guardian.Chain, new GuardianRecord.Frozen(1, Start, guardian.State.Head, reason)]).ThenFolded(1, "guardian_diverged");
        Seat.WhenTold([.. guardian.Chain, new GuardianRecord.Unfrozen(1, Start, guardian.State.Head, reason)]).ThenFolded(1, "guardian_diverged");
    }

    [Fact]
    public void G4_A_withdrawal_that_was_dated_back_too_far_is_folded_and_never_signed()
    {
        GuardianSpecification guardian = Guarded().WhenWithdrawn(1, 1);
        GuardianSpecification seat = Seat.At(Start + 1801).WhenTold(guardian.Chain).ThenFolded(2);
        seat.When(new GuardianCommand.Admit(Id(1))).ThenRefused("withdrawal_too_old");
        Seat.At(Start + 1800).WhenTold(guardian.Chain).When(new GuardianCommand.Admit(Id(1))).ThenAccepted();
    }

    [Fact]
    public void A_loosening_without_its_delay_is_not_folded()
    {
        GuardianRules looser = Rules with { Windows = new LimiterWindow("hour", 200, 1) };
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(looser));
        GuardianSpecification seat = Seat.WhenTold(guardian.Chain).ThenFolded(2);
        seat.After(700).WhenTold(new GuardianRecord.LooseningApplied(2, Start + 999, guardian.State.Head)).ThenFolded(2, "guardian_diverged");
        seat.WhenTold(new GuardianRecord.LooseningApplied(2, Start + 1000, guardian.State.Head)).ThenFolded(2, "loosening_too_early");
        seat.At(Start + 1000).WhenTold(new GuardianRecord.LooseningApplied(2, Start + 1000, guardian.State.Head)).ThenFolded(3);
    }

    [Fact]
    public void The_delay_of_a_loosening_begins_when_the_party_itself_hears_of_it()
    {
        GuardianRules looser = Rules with { Windows = new LimiterWindow("hour", 200, 1) };
        GuardianSpecification guardian = Guarded().When(new GuardianCommand.Configure(looser)).After(1000).WhenWithdrawn(1, 50).ThenAccepted();
        GuardianSpecification seat = Seat.At(Start + 1000).WhenTold(guardian.Chain).ThenFolded(2, "loosening_too_early");
        seat.At(Start + 2000).WhenTold(guardian.Chain).ThenFolded(4);
    }

    [Fact]
    public void Looser_rules_that_claim_to_hold_at_once_are_not_folded()
    {
        GuardianSpecification guardian = Guarded();
        GuardianRules looser = Rules with { MaximumAge = 1801 };
        Seat.WhenTold([.. guardian.Chain, new GuardianRecord.RulesSet(1, Start, guardian.State.Head, looser)]).ThenFolded(1, "guardian_diverged");
    }

    private static GuardianSpecification Long() => Guarded()
        .WhenWithdrawn(1, 10)
        .After(3).When(new GuardianCommand.Freeze("a")).When(new GuardianCommand.Unfreeze("b"))
        .When(new GuardianCommand.Configure(Rules with { Windows = new LimiterWindow("hour", 50, 1) }))
        .After(2).WhenWithdrawn(2, 20).When(new GuardianCommand.Configure(Rules)).WhenWithdrawn(3, 5);

    private static GuardianRecord Altered(GuardianRecord record) => record switch
    {
        GuardianRecord.RulesSet set => set with { Rules = set.Rules with { MaximumAge = set.Rules.MaximumAge - 1 } },
        GuardianRecord.LooseningAnnounced announced => announced with { Rules = announced.Rules with { MaximumSkew = 1 } },
        GuardianRecord.WithdrawalAccepted withdrawal => withdrawal with { Txid = Txid(99) },
        GuardianRecord.Frozen frozen => frozen with { Reason = "c" },
        GuardianRecord.Unfrozen unfrozen => unfrozen with { Reason = "c" },
        _ => record with { At = record.At + 1 },
    };
}
