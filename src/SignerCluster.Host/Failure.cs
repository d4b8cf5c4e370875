using System.Collections.Frozen;
using System.CommandLine;
using System.CommandLine.Parsing;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Links;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host;

/// <summary>Why a verb did not do what was asked, and how the process ends for it. The only place that turns faults into codes.</summary>
/// <param name="Code">Stable snake_case name.</param>
/// <param name="Class"><c>recoverable</c> or <c>terminal</c> for refusals; <c>usage</c>, <c>unavailable</c> or <c>defect</c> for the rest.</param>
/// <param name="Evidence">What was expected and what was found; null for none.</param>
internal sealed record Failure(int ExitCode, string Code, string Class, string Message, IReadOnlyDictionary<string, string>? Evidence = null)
{
    internal const string UsageClass = "usage";
    internal const string UnavailableClass = "unavailable";
    private const string DefectClass = "defect";

    /// <summary>What no waiting mends: the journal is lost, or the database, or the configuration that names it, is not what a node needs.</summary>
    private static readonly FrozenSet<string> _forOperators = FrozenSet.Create(
        StringComparer.Ordinal,
        "schema_newer", "schema_older", "storage_absent", "storage_login_refused", "storage_no_rights", "storage_not_trusted", "storage_ca_invalid",
        "storage_forgetful", JournalException.MissingCode);

    /// <summary>A command line that does not parse.</summary>
    internal static Failure Usage(ParseResult parsed)
    {
        string verb = string.Empty;
        for (CommandResult at = parsed.CommandResult; at.Parent is CommandResult above; at = above)
        {
            verb = $" {at.Command.Name}{verb}";
        }

        return Usage("usage", $"{string.Join(' ', parsed.Errors.Select(static error => error.Message))} See: signer{verb} --help");
    }

    internal static Failure Usage(string code, string message) => new(Host.ExitCode.Usage, code, UsageClass, message);

    internal static Failure Unavailable(string code, string message) => new(Host.ExitCode.Unavailable, code, UnavailableClass, message);

    internal static Failure Of(Refusal refusal) => new(
        Host.ExitCode.Refused, refusal.Code, ClassOf(refusal.Class), Advice.Worded(refusal), refusal.Evidence.Count == 0 ? null : refusal.Evidence);

    internal static Failure Of(Exception fault) => fault switch
    {
        VerificationException verification => new Failure(Host.ExitCode.Refused, "verification_failed", DefectClass, verification.Message),
        UsageException usage => Usage(usage.Code, usage.Message),
        SettingsException settings => Usage(SettingsException.Code, settings.Message),
        UnavailableException unavailable => Unavailable(unavailable.Code, unavailable.Message),
        ApiException answer => answer.Failure,
        HttpSettingsException { IsTransient: true } http => Unavailable(http.Code, http.Message),
        HttpSettingsException http => Usage(http.Code, http.Message),
        DataDirectoryException { InnerException: JournalException cause } => Of(cause),
        DataDirectoryException { Code: "data_in_use" or "data_unwritable" } or DataDirectoryException { IsTransient: true } =>
            Unavailable(((DataDirectoryException)fault).Code, fault.Message),
        DataDirectoryException data => Usage(data.Code, data.Message),
        KeyProviderException { IsTransient: true } key => Unavailable(key.Code, key.Message),
        KeyProviderException key => Usage(key.Code, key.Message),
        JournalException { InnerException: KeyProviderException key } => Of(key),
        JournalException journal when _forOperators.Contains(journal.Code) => Usage(journal.Code, journal.Message),
        JournalException journal => Unavailable(journal.Code, journal.Message),
        LinkException { IsTransient: false } link => Usage(link.Code, link.Message),
        LinkException link => Unavailable(link.Code, link.Message),
        NativeLibraryMissingException missing => Unavailable("native_library_missing", missing.Message),
        TypeInitializationException { InnerException: { } cause } => Of(cause),
        UnreadableHistoryException unreadable => new Failure(
            Host.ExitCode.Refused,
            UnreadableHistoryException.RefusalCode,
            "recoverable",
            unreadable.Message,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["reason"] = unreadable.Reason }),
        HttpRequestException unreachable => Unavailable("server_unreachable", unreachable.Message),
        OperationCanceledException => Unavailable("interrupted", "Stopped before the work was done."),
        _ => new Failure(Host.ExitCode.Unavailable, "internal_error", DefectClass, fault.ToString()),
    };

    internal static string ClassOf(RefusalClass @class) => @class == RefusalClass.Terminal ? "terminal" : "recoverable";
}

/// <summary>The command line or the configuration is wrong: names the key and the rule that it breaks.</summary>
public sealed class UsageException(string code, string message) : Exception(message)
{
    internal string Code => code;
}

/// <summary>Something that the verb needs from outside is not to be had now.</summary>
public sealed class UnavailableException(string code, string message) : Exception(message)
{
    internal string Code => code;
}

/// <summary>A check that must hold did not.</summary>
public sealed class VerificationException(string message) : Exception(message);
