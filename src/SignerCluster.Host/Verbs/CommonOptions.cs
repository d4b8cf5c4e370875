using System.CommandLine;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Host.Verbs;

/// <summary>Options that several verbs share. Each call makes its own, because an option belongs to one command.</summary>
public static class CommonOptions
{
    private const string DataVariable = "SIGNER_DATA";

    public static Option<bool> Json { get; } = new("--json") { Description = "Print exactly one JSON object." };

    internal static Option<string?> Data() => new("--data") { Description = $"The data directory; ${DataVariable} where not given.", HelpName = "DIR" };

    internal static Option<string> Config() => new("--config") { Description = "The node's configuration.", HelpName = "FILE", Required = true };

    internal static Option<string?> ConfigInstead() =>
        new("--config") { Description = "The configuration of a node of a cluster, instead of --data; the journal of its party.", HelpName = "FILE" };

    internal static Option<string?> Url() => new("--url") { Description = "A running signer, instead of --data.", HelpName = "URL" };

    internal static Option<string?> TokenFile() =>
        new("--token-file") { Description = "The file that holds the bearer token of the HTTP API.", HelpName = "FILE" };

    internal static Option<string?> Group() => new("--group") { Description = "The group's id, 64 hex digits.", HelpName = "G" };

    internal static Option<string?> Node() =>
        new("--node") { Description = "One node alone: coordinator or participants-N; with --config one party.", HelpName = "NAME" };

    /// <summary>The data directory that was named, or the variable's.</summary>
    internal static string RequireData(string? given) =>
        (given ?? Environment.GetEnvironmentVariable(DataVariable)) is { Length: > 0 } path
            ? path
            : throw new UsageException("data_required", $"--data: which directory? Give --data DIR or set {DataVariable}.");

    /// <summary>Throws <see cref="UsageException"/> when there can be no such group.</summary>
    public static void RequireSize(int threshold, int participants)
    {
        if (threshold < 1 || threshold > participants || participants > SeatId.MaxCount)
        {
            throw new UsageException(
                FrostCode.ThresholdOutOfRange,
                $"--threshold {threshold} --participants {participants}: the rule is 1 ≤ threshold ≤ participants ≤ {SeatId.MaxCount}.");
        }
    }

    internal static GroupId RequireGroup(string? given) => given switch
    {
        null => throw new UsageException("group_required", "--group: which group? Give --group and its id; signer group list shows them."),
        _ when GroupId.TryParse(given, out GroupId group) => group,
        _ => throw new UsageException(
            "group_malformed", $"--group: a group's id is the 64 hex digits of an x-only key, not '{given}' ({given.Length} characters)."),
    };

    internal static SessionId RequireSession(string given, bool callers) =>
        (callers ? SessionId.TryParseCallers(given, out SessionId session) : SessionId.TryParse(given, out session))
            ? session
            : throw new UsageException(
                "session_malformed",
                $"--session: an id is 1..{SessionId.MaximumLength} characters of a-z 0-9 . _ - and starts with a letter or digit, unlike '{given}'.");
}
