using SignerCluster.Chaos.Audit;

namespace SignerCluster.Chaos.Tests;

/// <summary>Every violation that the auditor is there for is found, and nothing is found where nothing is wrong.</summary>
public sealed class AuditorTests
{
    private const string Seat0 = "alice";
    private const string Roast = "coordinator";

    private readonly Journals _journals = Journals.OfOneSession();

    [Fact]
    public void Journals_that_are_right_have_no_finding()
    {
        _journals.Sign("s2");
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void N1_A_nonce_that_is_drawn_twice_is_found_also_in_another_session()
    {
        string drawn = _journals.Last(Seat0, JournalRow.Joined).EventText("commitment");
        _journals.Seated(2, "s2", JournalRow.Joined, Journals.Joined("s2-1", drawn));
        AssertFound("N1");
    }

    [Fact]
    public void N1_Half_of_a_nonce_that_is_drawn_twice_is_found_also_when_its_sign_or_place_changed()
    {
        string drawn = _journals.Last(Seat0, JournalRow.Joined).EventText("commitment");
        _journals.Seated(2, "s2", JournalRow.Joined, Journals.Joined("s2-1", $"{_journals.Draw()[..66]}03{drawn[2..66]}"));
        AssertFound("N1");
    }

    [Fact]
    public void N1_A_commitment_in_two_packages_is_found()
    {
        string drawn = _journals.Last(Seat0, JournalRow.Joined).EventText("commitment");
        _journals.Roasted("s1", JournalRow.PackageIssued, $$$"""{"attempt":{"id":"s1-2"},"commitments":{"0":"{{{drawn}}}"}}""");
        AssertFound("N1");
    }

    [Fact]
    public void N1_A_commitment_that_is_consumed_twice_is_found()
    {
        string drawn = _journals.Last(Seat0, JournalRow.Joined).EventText("commitment");
        _journals.Seated(0, "s1", JournalRow.Joined, Journals.Joined("s1-2", drawn));
        _journals.Seated(0, "s1", JournalRow.ShareProduced, Journals.Share("s1-2", "other package", "other share"));
        Assert.Contains(_journals.Audit(), static finding => finding.Message.Contains("consumed before", StringComparison.Ordinal));
    }

    [Fact]
    public void N1_A_share_of_an_attempt_that_was_never_joined_is_found()
    {
        _journals.Seated(0, "s1", JournalRow.ShareProduced, Journals.Share("s1-9", "package", "share"));
        AssertFound("N1");
    }

    [Fact]
    public void N3_A_share_that_is_not_in_its_seats_journal_is_found()
    {
        _journals.Remove(Seat0, static row => row.Manifest == JournalRow.Aggregated);
        _journals.Remove(Seat0, static row => row.Manifest == JournalRow.ShareProduced);
        AssertFound("N3");
    }

    [Fact]
    public void N3_A_share_that_is_another_than_its_seat_recorded_is_found()
    {
        _journals.Roasted("s1", JournalRow.ShareAccepted, """{"attempt":"s1-1","seat":0,"share":"another"}""");
        AssertFound("N3");
    }

    [Fact]
    public void D4_A_second_completion_is_found()
    {
        _journals.Roasted("s1", JournalRow.Completed, Journals.Completed());
        AssertFound("D4");
    }

    [Fact]
    public void D4_A_signature_that_does_not_verify_is_found()
    {
        string altered = $"{Journals.Signature[..^1]}1";
        _journals.Replace(Roast, row => row.Manifest == JournalRow.Completed ? Changed(row, Journals.Completed(altered)) : row);
        AssertFound("D4");
    }

    [Fact]
    public void D4_A_signature_under_another_key_is_found()
    {
        _journals.Replace(Roast, row => row.Manifest == JournalRow.Completed ? Changed(row, Journals.Completed(key: Journals.Group)) : row);
        AssertFound("D4");
    }

    [Fact]
    public void D4_A_signature_that_a_client_has_and_no_journal_is_found()
    {
        _journals.Tell("s1", $"{Journals.Signature[..^1]}1", Journals.Noon.AddMinutes(1));
        AssertFound("D4");
    }

    [Fact]
    public void D4_A_signature_that_a_client_had_before_it_was_recorded_is_found()
    {
        _journals.Tell("s1", Journals.Signature, Journals.Noon.AddMinutes(-1));
        AssertFound("D4");
    }

    [Fact]
    public void Times_are_not_compared_for_a_session_of_a_scenario_that_moved_clocks()
    {
        _journals.Tell("s1", Journals.Signature, Journals.Noon.AddMinutes(-1), clocksAgree: false);
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void D4_A_signature_that_only_a_seat_was_told_is_found()
    {
        _journals.Seated(2, "s9", JournalRow.Aggregated, $$"""{"signature":"{{Journals.Signature}}"}""");
        AssertFound("D4");
    }

    [Fact]
    public void D7_An_accepted_session_that_no_journal_knows_is_found()
    {
        _journals.Tell("s2", null, Journals.Noon);
        AssertFound("D7");
    }

    [Fact]
    public void D7_An_accepted_session_that_never_completed_is_found()
    {
        _journals.Remove(Roast, static row => row.Manifest == JournalRow.Completed);
        AssertFound("D7");
    }

    [Fact]
    public void D7_A_marker_that_stands_twice_is_found()
    {
        _journals.Seated(0, "s1", JournalRow.ShareProduced, Journals.Share("s1-1", "package", "share-s1-0"));
        AssertFound("D7");
    }

    [Fact]
    public void D7_The_planted_duplicate_is_found_whatever_the_seed()
    {
        for (long seed = 0; seed < 20; seed++)
        {
            IReadOnlyList<Finding> findings = Auditor.Audit(
                Plants.DuplicateShare(_journals.All, seed), new AuditTerms(Journals.Group, Journals.Key, [], new HashSet<int>(), []));
            Assert.Contains(findings, static finding => finding.Invariant == "D7");
            Assert.Contains(findings, static finding => finding.Invariant == "N1");
        }
    }

    [Fact]
    public void D8_A_gap_is_found()
    {
        _journals.Remove(Seat0, static row => row.Manifest == JournalRow.Joined);
        AssertFound("D8");
    }

    [Fact]
    public void D8_A_number_that_stands_twice_is_found()
    {
        _journals.Replace(Seat0, static row => row.SequenceNumber == 3 ? row with { SequenceNumber = 2 } : row);
        AssertFound("D8");
    }

    [Fact]
    public void D8_Two_writers_inside_one_append_are_found()
    {
        _journals.Replace(Roast, static row => row.SequenceNumber is 2 or 4
            ? row with { Writer = "a", Created = Journals.Noon }
            : row with { Writer = "b", Created = Journals.Noon });
        AssertFound("D8");
    }

    [Fact]
    public void D8_Two_writers_one_after_the_other_are_right()
    {
        _journals.Replace(Roast, static row => row.SequenceNumber <= 2 ? row : row with { Writer = "b" });
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void D8_A_row_that_cannot_be_read_is_found()
    {
        _journals.Replace("bob", static row => row.SequenceNumber == 1 ? row with { Event = default, Unreadable = "row_unauthentic" } : row);
        AssertFound("D8");
    }

    [Fact]
    public void D8_A_party_whose_journal_is_missing_is_found()
    {
        _journals.Forget("carol");
        AssertFound("D8");
    }

    [Fact]
    public void A5_A_seat_that_is_blamed_and_does_not_lie_is_found()
    {
        _journals.Roasted("s1", JournalRow.Convicted, """{"seat":2}""");
        AssertFound("A5");
    }

    [Fact]
    public void A5_A_seat_that_lies_and_is_nowhere_blamed_is_found()
    {
        _journals.Liars = new HashSet<int> { 2 };
        AssertFound("A5");
        _journals.Roasted("s1", JournalRow.Convicted, """{"seat":2}""");
        Assert.Empty(_journals.Audit());
    }

    private static JournalRow Changed(JournalRow row, string @event)
    {
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(@event);
        return row with { Event = document.RootElement.Clone() };
    }

    private void AssertFound(string invariant) => Assert.Contains(_journals.Audit(), finding => finding.Invariant == invariant);
}
