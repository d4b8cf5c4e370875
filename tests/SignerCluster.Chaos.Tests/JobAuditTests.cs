using System.Text.Json;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Load;

namespace SignerCluster.Chaos.Tests;

/// <summary>What the auditor finds of covenant jobs, and that what the load makes is what it says.</summary>
public sealed class JobAuditTests
{
    private const string Id = "j1";
    private const string Roast = "coordinator";
    private static readonly string _spent = $"00{new string('1', 62)}";
    private static readonly string _session = CovenantJob.SessionOf("self_v1", Id);
    private readonly Journals _journals = new();

    public JobAuditTests()
    {
        _journals.Job(Id, JournalRow.JobAccepted, "{}");
        _journals.Sign(_session);
        _journals.Job(Id, JournalRow.JobSigned, Signed(Journals.Signature));
    }

    [Fact]
    public void Jobs_that_are_right_have_no_finding()
    {
        _journals.TellJob(_session, "one id");
        Assert.Empty(_journals.Audit());
    }

    [Fact]
    public void C1_A_job_that_is_recorded_twice_is_found()
    {
        _journals.Job(Id, JournalRow.JobAccepted, "{}");
        AssertFound("C1");
    }

    [Fact]
    public void C1_A_job_that_has_another_signature_than_its_session_is_found()
    {
        _journals.Replace(Roast, static row => row.Manifest == JournalRow.JobSigned ? row with { Event = Journals.Json(Signed(new string('5', 128))) } : row);
        AssertFound("C1");
    }

    [Fact]
    public void C1_A_job_that_was_accepted_and_is_forgotten_is_found()
    {
        _journals.Remove(Roast, static row => row.Entity.StartsWith("job/", StringComparison.Ordinal));
        _journals.TellJob(_session, "one id");
        AssertFound("C1");
    }

    [Fact]
    public void C2_One_request_that_was_given_two_ids_is_found()
    {
        _journals.TellJob(_session, "one id", "another id");
        AssertFound("C2");
    }

    [Fact]
    public void C3_A_session_that_began_before_its_job_is_found()
    {
        _journals.Replace(Roast, static row => row.Manifest == JournalRow.JobAccepted ? row with { Ordering = 1_000 } : row);
        AssertFound("C3");
    }

    [Fact]
    public void C3_A_job_that_is_never_signed_is_found()
    {
        _journals.Remove(Roast, static row => row.Manifest == JournalRow.JobSigned);
        AssertFound("C3");
    }

    [Theory]
    [InlineData("alice", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("bob", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("carol", "00000000000000000000000000000000000000000000000000000000000000ff")]
    public void A_person_signs_as_BIP_340_says(string name, string message)
    {
        ThrowAwayKey key = new(name);
        Assert.True(Bip340.Verify(key.Public, message, key.Sign(message)));
    }

    [Fact]
    public void A_transaction_of_another_payment_is_not_taken_for_the_job_s()
    {
        CovenantJob job = new(Journals.Group, Id, _spent, 30_000);
        JsonElement answer = Journals.Json($$"""{"status":"ready","transaction":"{{new string('0', 400)}}"}""");
        Assert.Throws<FormatException>(() => job.Read(answer));
    }

    [Fact]
    public void The_first_byte_of_what_is_spent_says_who_takes_part()
    {
        Assert.Equal("self_v1", new CovenantJob(Journals.Group, Id, _spent, 30_000).Route);
        Assert.Equal("qc_v1", new CovenantJob(Journals.Group, Id, $"01{_spent[2..]}", 30_000).Route);
    }

    private static string Signed(string signature) => $$"""{"signature":"{{signature}}","at":1}""";

    private void AssertFound(string invariant) => Assert.Contains(_journals.Audit(), finding => finding.Invariant == invariant);
}
