using SignerCluster.Journal.Documents;

namespace SignerCluster.Host;

/// <summary>The nodes of a data directory, by name.</summary>
internal static class DataNodes
{
    /// <summary>
    /// The coordinator first, then the participants by number; with a name that node alone. Throws <see cref="UsageException"/> <c>unknown_node</c>.
    /// </summary>
    internal static IReadOnlyList<NodeDirectory> Select(DataDirectory data, string? name)
    {
        NodeDirectory[] all = [data.Coordinator, .. data.Participants];
        return name is null
            ? all
            : [all.FirstOrDefault(node => node.Name == name) ?? throw Unknown(name, all.Select(static node => node.Name))];
    }

    /// <summary>
    /// As <see cref="Select"/>, but only the nodes that have a journal: one that keygen has not finished has nothing sealed. Throws
    /// <see cref="Protocol.Durability.JournalException"/> (<c>journal_missing</c>) when one was lost.
    /// </summary>
    internal static IReadOnlyList<NodeDirectory> SelectWithJournal(DataDirectory data, string? name) =>
        [.. Select(data, name).Where(NodeJournal.IsThere)];

    internal static UsageException Unknown(string name, IEnumerable<string> known) =>
        new("unknown_node", $"--node: there is no node '{name}'. The nodes are: {string.Join(", ", known)}.");
}
