using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>Which exit code a supervisor gets: 2 for what a person has to change, 3 for what may come back by itself.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("schema_newer")]
    [InlineData("schema_older")]
    [InlineData("storage_absent")]
    [InlineData("storage_login_refused")]
    [InlineData("storage_no_rights")]
    [InlineData("storage_not_trusted")]
    [InlineData("storage_ca_invalid")]
    [InlineData("storage_forgetful")]
    public void A_database_that_is_set_up_wrongly_is_a_matter_of_configuration_however_it_is_met(string code)
    {
        JournalException fault = new(code, "what to do", isTransient: false);
        Assert.Equal((2, code, "usage", "what to do"), Of(fault));
        Assert.Equal((2, code, "usage", "what to do"), Of(new DataDirectoryException(code, "what to do", isTransient: false, fault)));
    }

    [Theory]
    [InlineData("storage_unavailable")]
    [InlineData("storage_busy")]
    [InlineData("disk_full")]
    [InlineData("storage_io_error")]
    public void A_database_that_is_down_is_unavailable_however_it_is_met(string code)
    {
        JournalException fault = new(code, "why", isTransient: true);
        Assert.Equal((3, code, "unavailable", "why"), Of(fault));
        Assert.Equal((3, code, "unavailable", "why"), Of(new DataDirectoryException(code, "why", isTransient: true, fault)));
    }

    [Theory]
    [InlineData("certificate_unreadable", false, 2, "usage")]
    [InlineData("listen_failed", true, 3, "unavailable")]
    [InlineData("no_link", true, 3, "unavailable")]
    public void Links_that_are_set_up_wrongly_are_told_from_links_that_are_down(string code, bool isTransient, int exitCode, string kind) =>
        Assert.Equal((exitCode, code, kind, "what to do"), Of(new LinkException(code, "what to do", isTransient)));

    [Fact]
    public void A_certificate_that_the_roster_does_not_pin_is_a_matter_of_configuration() =>
        Assert.Equal(
            (2, "certificate_not_pinned", "usage", "what to do"), Of(new DataDirectoryException("certificate_not_pinned", "what to do", isTransient: false)));

    [Fact]
    public void A_key_that_does_not_fit_is_a_matter_of_configuration_also_when_the_journal_meets_it()
    {
        KeyProviderException mismatch = new("key_mismatch", "another key", isTransient: false);
        Assert.Equal((2, "key_mismatch", "usage", "another key"), Of(new JournalException("key_unavailable", "another key", isTransient: false, mismatch)));
        KeyProviderException down = new("key_unavailable", "down", isTransient: true);
        Assert.Equal((3, "key_unavailable", "unavailable", "down"), Of(new JournalException("key_unavailable", "down", isTransient: true, down)));
    }

    private static (int, string, string, string) Of(Exception fault)
    {
        Failure failure = Failure.Of(fault);
        return (failure.ExitCode, failure.Code, failure.Class, failure.Message);
    }
}
