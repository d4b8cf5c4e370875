using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Runtime.Engine;

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
        Assert.Equal((2, code, "usage", "what to do"), Of(new EngineException("entity_failed", "an entity failed", isTransient: false, fault)));
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
    [InlineData("node_name_taken", false, 2)]
    [InlineData("broker_plugin_missing", false, 2)]
    [InlineData("broker_topology_missing", false, 2)]
    [InlineData("broker_rights_missing", false, 2)]
    [InlineData("broker_login_refused", false, 2)]
    [InlineData("broker_host_refused", false, 2)]
    [InlineData("broker_not_trusted", false, 2)]
    [InlineData("broker_unavailable", true, 3)]
    public void A_broker_that_is_set_up_wrongly_is_told_from_one_that_is_down(string code, bool isTransient, int exitCode) =>
        Assert.Equal((exitCode, code), (Failure.Of(new EngineException(code, "what to do", isTransient)).ExitCode, code));

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
