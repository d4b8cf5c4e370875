using System.CommandLine;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

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

    internal static Option<string[]> Url() =>
        new("--url") { Description = "A running signer, instead of --data. Given again: the next is asked where one does not answer.", HelpName = "URL" };

    /// <summary>The signers that were named; null for none.</summary>
    internal static string[]? Urls(ParseResult parsed, Option<string[]> url) => parsed.GetValue(url) is { Length: > 0 } urls ? urls : null;

    /// <summary>The network that addresses are written for.</summary>
    internal static Option<string> Network()
    {
        Option<string> network = new("--network") { Description = "The network of the addresses that are shown.", DefaultValueFactory = static _ => "mainnet" };
        return network.AcceptOnlyFromAmong("mainnet", "testnet", "signet", "regtest");
    }

    /// <summary>Signet has the addresses of testnet.</summary>
    internal static Network ReadNetwork(string name) => name == "signet" ? Bitcoin.Addresses.Network.Testnet : Enum.Parse<Network>(name, ignoreCase: true);

    internal static Option<string?> TokenFile() =>
        new("--token-file") { Description = "The file that holds the bearer token of the HTTP API.", HelpName = "FILE" };

    internal static Option<string?> Session() =>
        new("--session") { Description = "The id of the request; the same id and content continue the same session.", HelpName = "ID" };

    internal static Option<double> Timeout() =>
        new("--timeout") { Description = "How long to wait.", HelpName = "SECONDS", DefaultValueFactory = static _ => 30 };

    internal static TimeSpan ReadTimeout(double seconds) => seconds is > 0 and <= 86_400
        ? TimeSpan.FromSeconds(seconds)
        : throw new UsageException("timeout_out_of_range", $"--timeout: seconds above 0 and at most 86400, not {seconds}.");

    /// <summary>The id that was given, or a new one.</summary>
    /// <param name="name">What the caller typed it as.</param>
    internal static SessionId ReadSession(string? given, string name = "--session") => RequireSession(given ?? Guid.CreateVersion7().ToString("N"), name: name);

    /// <summary>Throws <see cref="UsageException"/> when both a data directory and a signer are named.</summary>
    internal static void RequireOnePlace(string? data, string[]? urls)
    {
        if (data is not null && urls is not null)
        {
            throw new UsageException("data_or_url", "--data, --url: give only one of them.");
        }
    }

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

    /// <param name="name">What the caller typed it as.</param>
    internal static GroupId RequireGroup(string? given, string name = "--group") => given switch
    {
        null => throw new UsageException("group_required", $"{name}: which group? Give {name} and its id; signer group list shows them."),
        _ when GroupId.TryParse(given, out GroupId group) => group,
        _ => throw new UsageException(
            "group_malformed", $"{name}: a group's id is the 64 hex digits of an x-only key, not '{given}' ({given.Length} characters)."),
    };

    /// <summary>The key that a group is named after; throws <see cref="UsageException"/> when no group can have it.</summary>
    internal static XOnlyPublicKey RequireKey(GroupId group) => XOnlyPublicKey.TryParse(group.X.AsSpan(), out XOnlyPublicKey key)
        ? key
        : throw new UsageException("group_malformed", $"--group: {group} is not the x coordinate of a key.");

    /// <summary>An id as callers choose it; with <paramref name="isKnown"/> also one that an older journal has.</summary>
    /// <param name="name">What the caller typed it as.</param>
    internal static SessionId RequireSession(string given, bool isKnown = false, string name = "--session") =>
        SessionId.TryParseCallers(given, out SessionId session) || (isKnown && SessionId.TryParse(given, out session) && session.ToString() == given)
            ? isKnown || !session.IsReserved
                ? session
                : throw new UsageException(
                    "session_id_reserved", $"{name}: ids that begin with {SessionId.ReservedPrefix} belong to covenant jobs. Choose another than '{given}'.")
            : throw new UsageException(
                "session_malformed",
                $"{name}: an id is 1..{SessionId.MaximumLength} characters of a-z 0-9 . _ - and starts with a letter or digit, unlike '{given}'.");
}
