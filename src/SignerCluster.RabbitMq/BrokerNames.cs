namespace SignerCluster.RabbitMq;

/// <summary>The names of exchanges and queues. Definitions files carry them, so they are for ever.</summary>
internal static class BrokerNames
{
    public const string RequestExchangeType = "x-consistent-hash";
    public const string ReplyExchangeType = "direct";
    private const int MaximumPartyLength = 32;
    private const int MaximumNodeLength = 64;

    // A party of one of these names would have the right to configure exchanges.
    private static readonly string[] _reserved = ["in", "out", "amq"];

    /// <summary>Where requests for a party's entities are published.</summary>
    public static string Requests(string party) => $"in.{party}";

    /// <summary>Where a party publishes its replies.</summary>
    public static string Replies(string party) => $"out.{party}";

    public static bool IsRepliesOf(string exchange, string party) =>
        exchange.StartsWith("out.", StringComparison.Ordinal) && exchange.AsSpan("out.".Length).SequenceEqual(party);

    public static string RequestQueue(string party, string node) => $"{party}.{node}.in";

    public static string ReplyQueue(string party, string node) => $"{party}.{node}.out";

    public static bool IsNode(string? text) => IsName(text, MaximumNodeLength);

    public static void ThrowIfNoParty(string party)
    {
        if (!IsName(party, MaximumPartyLength) || _reserved.Contains(party))
            throw new ArgumentException(
                $"'{party}' cannot be a party: 1..{MaximumPartyLength} of a-z 0-9 -, a letter first, and none of {string.Join(", ", _reserved)}.");
    }

    public static void ThrowIfNoNode(string node)
    {
        if (!IsNode(node))
            throw new ArgumentException($"'{node}' cannot be a node's name: 1..{MaximumNodeLength} of a-z 0-9 -, a letter first.");
    }

    private static bool IsName(string? text, int most) =>
        text is { Length: > 0 } && text.Length <= most && char.IsAsciiLetterLower(text[0])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
