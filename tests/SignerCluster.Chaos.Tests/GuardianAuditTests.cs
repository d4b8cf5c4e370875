using System.Text.Json.Nodes;
using SignerCluster.Chaos.Audit;

namespace SignerCluster.Chaos.Tests;

/// <summary>Every way in which the chain of a guardian, or what was signed on it, can be wrong is found, and nothing is found where nothing is wrong.</summary>
public sealed class GuardianAuditTests
{
    private readonly GuardedJournals _journals = GuardedJournals.OfTwo();

    [Fact]
    public void Chains_that_are_right_have_no_finding()
    {
        _journals.Sign(0, "w1");
        _journals.Tell("w1");
        _journals.Tell("w2");
        _journals.Tell("w1", isRefused: true, asked: GuardedJournals.PaymentOf("another"));
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void A_seat_that_has_not_folded_everything_yet_is_right()
    {
        _journals.Record(GuardedJournals.Noon + 20, "frozen", new JsonObject { ["reason"] = "audit" }, seats: 1);
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void Rules_that_tighten_loosen_and_stop_are_right_at_their_times()
    {
        ulong at = GuardedJournals.Noon + 20;
        _journals.Record(at, "rules_set", new JsonObject { ["rules"] = GuardedJournals.Rules(90_000) });
        _journals.Record(at, "loosening_announced", new JsonObject { ["rules"] = GuardedJournals.Rules(95_000) });
        _journals.Record(at + 60, "loosening_applied", []);
        _journals.Record(at + 61, "frozen", new JsonObject { ["reason"] = "audit" });
        _journals.Record(at + 62, "unfrozen", new JsonObject { ["reason"] = "audited" });
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void G1_An_id_that_is_debited_twice_is_found()
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 20, recordedId: "w1");
        AssertFound("G1", "The id w1 was paid for before");
    }

    [Fact]
    public void G1_A_transaction_that_is_debited_twice_is_found()
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 20, txid: GuardedJournals.PaymentOf("w1").Txid);
        AssertFound("G1", "was paid for before");
    }

    [Fact]
    public void G1_A_debit_that_is_not_what_the_payment_takes_is_found()
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 20, debit: 1_000);
        AssertFound("G1", "Its PSBT takes 31000 sat");
    }

    [Fact]
    public void G1_A_session_that_nobody_paid_for_is_found()
    {
        _journals.Begin("w9", GuardedJournals.PaymentOf("w9"));
        AssertFound("G1", "has accepted no such withdrawal");
    }

    [Fact]
    public void G1_The_planted_debit_is_found_whatever_the_seed_and_nothing_else()
    {
        for (long seed = 0; seed < 20; seed++)
        {
            Assert.Equal(["G1", "G1"], _journals.AuditOf(Plants.SecondDebit(_journals.All, seed)).Select(static finding => finding.Invariant));
        }
    }

    [Theory]
    [InlineData("sequence")]
    [InlineData("hash")]
    [InlineData("debit")]
    [InlineData("txid")]
    public void G2_An_answer_that_tells_another_record_is_found(string what)
    {
        _journals.Tell("w1", answer => what switch
        {
            "sequence" => answer with { Sequence = 7 },
            "hash" => answer with { Hash = new string('0', 64) },
            "debit" => answer with { Debit = 1 },
            _ => answer with { Txid = new string('0', 64) },
        });
        AssertFound("G2", "A client was told");
    }

    [Fact]
    public void G2_A_payment_that_is_accepted_under_an_id_that_stands_for_another_is_found()
    {
        _journals.Tell("w1", asked: GuardedJournals.PaymentOf("another"));
        AssertFound("G2", "the record is of another one");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public void G3_A_number_that_is_left_out_or_used_again_is_found(int sequence)
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 20, sequence: (ulong)sequence);
        AssertFound("G3", "and should have 2");
    }

    [Fact]
    public void G3_A_record_that_is_dated_before_the_one_before_it_is_found()
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 10);
        AssertFound("G3", "is before that of the record before it");
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(39_900)]
    public void G4_A_bucket_that_holds_something_else_than_the_rules_give_is_found(int after)
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 21, after: (ulong)after);
        AssertFound("G4", "and should hold 9000");
    }

    [Fact]
    public void G4_A_debit_of_more_than_is_there_is_found()
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 12, debit: 40_000);
        AssertFound("G4", "had too little left");
    }

    [Fact]
    public void G4_Rules_that_loosen_at_once_are_found()
    {
        _journals.Record(GuardedJournals.Noon + 20, "rules_set", new JsonObject { ["rules"] = GuardedJournals.Rules(200_000) });
        AssertFound("G4", "hold at once");
    }

    [Fact]
    public void G4_Rules_that_loosen_before_their_delay_is_over_are_found()
    {
        _journals.Record(GuardedJournals.Noon + 20, "loosening_announced", new JsonObject { ["rules"] = GuardedJournals.Rules(200_000) });
        _journals.Record(GuardedJournals.Noon + 79, "loosening_applied", []);
        AssertFound("G4", "before their delay is over");
    }

    [Fact]
    public void G4_A_withdrawal_of_a_frozen_group_is_found()
    {
        _journals.Record(GuardedJournals.Noon + 20, "frozen", new JsonObject { ["reason"] = "audit" });
        _journals.Withdraw("w3", GuardedJournals.Noon + 21);
        AssertFound("G4", "although the group was frozen");
    }

    [Fact]
    public void G5_A_transaction_that_was_refused_and_recorded_is_found()
    {
        _journals.Tell("w1", isRefused: true);
        AssertFound("G5", "this one is recorded");
    }

    [Fact]
    public void G5_Rules_that_change_nothing_are_found()
    {
        _journals.Record(GuardedJournals.Noon + 20, "rules_set", new JsonObject { ["rules"] = GuardedJournals.Rules(100_000) });
        AssertFound("G5", "changes nothing");
    }

    [Fact]
    public void G7_A_session_that_began_before_its_debit_is_found()
    {
        _journals.Withdraw("w3", GuardedJournals.Noon + 20, late: true);
        AssertFound("G7", "before its debit was recorded");
    }

    [Fact]
    public void G7_A_share_for_what_the_seats_guardian_has_not_accepted_is_found()
    {
        _journals.Sign(1, "w9");
        AssertFound("G7", "The seat gave its share");
    }

    [Fact]
    public void G9_A_record_that_was_altered_is_found()
    {
        _journals.Alter(1, static record => record["at"] = GuardedJournals.Noon);
        AssertFound("G9", "It is not linked to the record before it");
    }

    [Fact]
    public void G9_A_seat_that_folded_another_chain_is_found()
    {
        _journals.Record(
            GuardedJournals.Noon + 20, "frozen", new JsonObject { ["reason"] = "audit" }, alter: static folded => folded["reason"] = "nothing");
        AssertFound("G9", "The coordinator's chain does not have this record here");
    }

    [Fact]
    public void G9_A_chain_that_was_cut_short_is_found_by_the_seats_that_folded_it()
    {
        IReadOnlyList<PartyJournal> cut =
            [.. _journals.All.Select(static party => party.Party == "coordinator"
                ? party with { Rows = [.. party.Rows.Where(static row => row.Manifest != JournalRow.GuardianRecorded).Concat(party.Rows.Take(1))] }
                : party)];
        Assert.Contains(
            _journals.AuditOf(cut), static finding => finding.Invariant == "G9" && finding.Place.StartsWith("alice", StringComparison.Ordinal));
    }

    /// <summary>The hash was computed by a third program, from the description of the fields.</summary>
    [Fact]
    public void G9_The_hash_of_a_record_is_the_one_that_its_fields_give()
    {
        string stored = File.ReadAllText(Checkout.PathOf("tests/SignerCluster.Protocol.Tests/Golden/guardian.recorded.v1.json"));
        JournalRow row = new(1, "guard/x", 1, JournalRow.GuardianRecorded, "w", Journals.Noon, Journals.Json(stored), null);
        Assert.Equal("9d1237b8825570ea464e35d90f3d7a71de2c9557c62ef8c205d5438fadb118ed", RecordReading.Read("alice", row).Hash);
    }

    private void AssertFound(string invariant, string told) => Assert.Contains(
        _journals.Audit(), finding => finding.Invariant == invariant && finding.Message.Contains(told, StringComparison.Ordinal));
}
