namespace SignerCluster.RabbitMq;

/// <summary>A party as the broker knows it.</summary>
/// <param name="Name">1..32 of <c>a-z 0-9 -</c>, a letter first, not <c>in</c>, <c>out</c> or <c>amq</c>.</param>
/// <param name="Asks">The parties whose entities its nodes ask; itself too, when its nodes ask each other.</param>
public sealed record BrokerParty(string Name, IReadOnlyList<string> Asks);

/// <summary>An exchange that exists, durable, before any node starts.</summary>
public sealed record BrokerExchange(string Name, string Type);

/// <summary>A user and its rights in the virtual host, as RabbitMQ's three regular expressions over the names of queues and exchanges.</summary>
public sealed record BrokerUser(string Name, string Configure, string Write, string Read);

/// <summary>
/// What a broker must have for a set of parties. No party can read another's queue, publish as another, or reach a party that it may not ask:
/// each configures only queues that begin with its own name, writes its own replies and the requests of whom it asks, and reads its own
/// requests and the replies of whom it asks.
/// </summary>
public sealed record BrokerTopology(string VirtualHost, IReadOnlyList<BrokerExchange> Exchanges, IReadOnlyList<BrokerUser> Users)
{
    /// <summary>Throws <see cref="ArgumentException"/> for names that break the rules, come twice, or are asked and are no party.</summary>
    public static BrokerTopology Of(string virtualHost, IReadOnlyList<BrokerParty> parties)
    {
        ArgumentException.ThrowIfNullOrEmpty(virtualHost);
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (BrokerParty party in parties)
        {
            BrokerNames.ThrowIfNoParty(party.Name);
            if (!names.Add(party.Name))
                throw new ArgumentException($"The party {party.Name} comes twice.", nameof(parties));
        }

        if (parties.SelectMany(static party => party.Asks).FirstOrDefault(asked => !names.Contains(asked)) is { } unknown)
            throw new ArgumentException($"{unknown} is asked and is no party.", nameof(parties));
        return new BrokerTopology(virtualHost, [.. names.SelectMany(ExchangesOf)], [.. parties.Select(UserOf)]);
    }

    private static BrokerExchange[] ExchangesOf(string party) =>
        [new(BrokerNames.Requests(party), BrokerNames.RequestExchangeType), new(BrokerNames.Replies(party), BrokerNames.ReplyExchangeType)];

    private static BrokerUser UserOf(BrokerParty party)
    {
        // Binding a queue needs the right to write to it and to read the exchange.
        string own = $@"{party.Name}\..*";
        return new BrokerUser(
            party.Name,
            Configure: $"^{own}$",
            Write: AnyOf([own, $@"out\.{party.Name}", .. party.Asks.Select(static asked => $@"in\.{asked}")]),
            Read: AnyOf([own, $@"in\.{party.Name}", .. party.Asks.Select(static asked => $@"out\.{asked}")]));
    }

    private static string AnyOf(IEnumerable<string> names) => $"^({string.Join('|', names)})$";
}
