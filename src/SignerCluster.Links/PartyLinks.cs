using System.Collections.Immutable;

namespace SignerCluster.Links;

/// <summary>The links of one party, and the last state of its nodes that are gone. No party's links know of another's.</summary>
internal sealed class PartyLinks(string party)
{
    // A party names its nodes itself: it may fill no more than its own few places.
    internal const int MaximumNodes = 32;

    private ImmutableArray<AcceptedLink> _links = [];
    private ImmutableDictionary<string, LinkState> _gone = ImmutableDictionary<string, LinkState>.Empty;
    private uint _turn;

    internal IEnumerable<AcceptedLink> Links => _links;

    internal IEnumerable<LinkState> States
    {
        get
        {
            ImmutableArray<AcceptedLink> links = _links;
            return links.Select(static link => link.State)
                .Concat(Volatile.Read(ref _gone).Values.Where(gone => links.All(link => link.State.Node != gone.Node)));
        }
    }

    /// <summary>Takes up a link in place of the older one of its node.</summary>
    /// <returns>False when the party has too many nodes.</returns>
    internal bool TryAdd(AcceptedLink link)
    {
        ImmutableArray<AcceptedLink> before;
        ImmutableArray<AcceptedLink> after;
        AcceptedLink? older;
        do
        {
            before = _links;
            older = before.FirstOrDefault(other => other.State.Node == link.State.Node);
            after = (older is null ? before : before.Remove(older)).Add(link);
        }
        while (after.Length <= MaximumNodes && ImmutableInterlocked.InterlockedCompareExchange(ref _links, after, before) != before);
        if (after.Length > MaximumNodes)
            return false;
        older?.End(LinkFaults.Replaced);
        ImmutableInterlocked.TryRemove(ref _gone, link.State.Node, out _);
        return true;
    }

    internal void Remove(AcceptedLink link, DateTimeOffset now)
    {
        bool isNewest = _links.Contains(link);
        ImmutableInterlocked.Update(ref _links, static (links, gone) => links.Remove(gone), link);
        if (isNewest)
            ImmutableInterlocked.Update(ref _gone, static (gone, last) => Remember(gone, last), link.State with { Since = now });
    }

    /// <summary>The next link that has room.</summary>
    internal AcceptedLink Choose()
    {
        ImmutableArray<AcceptedLink> links = _links;
        uint turn = Interlocked.Increment(ref _turn);
        bool isOverloaded = false;
        for (uint offset = 0; offset < links.Length; offset++)
        {
            AcceptedLink link = links[(int)((turn + offset) % (uint)links.Length)];
            if (!link.TakesRequests)
                continue;
            if (link.HasRoom)
                return link;
            isOverloaded = true;
        }

        throw isOverloaded
            ? new LinkException(LinkException.Overloaded, $"Every link of {party} has as many requests in flight as it may have.", isTransient: true)
            : new LinkException(LinkException.NoLink, $"No node of {party} is connected.", isTransient: true);
    }

    private static ImmutableDictionary<string, LinkState> Remember(ImmutableDictionary<string, LinkState> gone, LinkState last)
    {
        ImmutableDictionary<string, LinkState> all = gone.SetItem(last.Node, last);
        return all.Count <= MaximumNodes ? all : all.Remove(all.Values.MinBy(static state => state.Since)!.Node);
    }
}
