namespace SignerCluster.RabbitMq;

/// <summary>
/// What leaves in one turn of a publisher: letters for the same place share parcels. Those for one place stay in the order in which they were added.
/// </summary>
internal sealed class Departure
{
    /// <summary>Letters of one turn; so many wait in memory twice, as letters and in parcels.</summary>
    public const int MaximumLetters = 64;

    // A few places at most: each party asked, each node answered.
    private readonly List<Load> _loads = [];

    public IReadOnlyList<Load> Loads => _loads;

    public int Letters { get; private set; }

    public bool IsFull => Letters == MaximumLetters;

    public void Add(in Outgoing outgoing)
    {
        (string exchange, string routingKey) = (outgoing.Exchange, outgoing.RoutingKey);
        Letters++;
        // The last parcel for a place is the one that is not full.
        if (_loads.FindLast(load => load.RoutingKey == routingKey && load.Exchange == exchange)?.Parcel.TryAdd(outgoing.Letter) == true)
            return;
        Parcel parcel = new();
        parcel.TryAdd(outgoing.Letter);
        _loads.Add(new Load(exchange, routingKey, parcel, IsOfAsks: outgoing.Ask is not null));
    }

    public void Clear()
    {
        _loads.Clear();
        Letters = 0;
    }

    /// <summary>A parcel and where it goes.</summary>
    /// <param name="IsOfAsks">Nobody publishes asks and answers to the same exchange.</param>
    internal sealed record Load(string Exchange, string RoutingKey, Parcel Parcel, bool IsOfAsks);
}
