using SignerCluster.Host.Embedded;
using SignerCluster.Host.Nodes;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host;

/// <summary>What a verb may choose about the cluster that it starts.</summary>
internal sealed record ClusterSettings
{
    public SigningPolicy Policy { get; init; } = new();

    /// <summary>What may be paid from the groups; null for what the data directory says.</summary>
    public string? PolicyFile { get; init; }

    /// <summary>Is nothing signed? Then no policy is read, and one that cannot be read stands in nobody's way who stops a guardian.</summary>
    public bool SignsNothing { get; init; }

    /// <summary>Where covenant jobs look reserves up; null to take no such jobs.</summary>
    public RegistrySettings? Registry { get; init; }

    public NodeStorageSettings Storage { get; init; } = new();

    /// <summary>Journals as plain text, for measuring only what sealing costs.</summary>
    public bool Unsealed { get; init; }

    public EmbeddedClusterSettings Embedded { get; init; } = new();

    /// <summary>What guardians, and who signs their results, take for the time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is allowed, with the policies of a file where there is one.</summary>
    internal SigningPolicy OpenPolicy(Stack<IAsyncDisposable> opened, DataDirectory directory, ILoggerFactory logs) =>
        !SignsNothing && (PolicyFile ?? (File.Exists(directory.PolicyPath) ? directory.PolicyPath : null)) is { } path
            ? opened.WithPolicies(Policy, path, logs)
            : Policy;

    internal IJournal JournalOf(NodeStorage node) => Unsealed ? node.Store : node.Keeper.Journal;

    /// <summary>Lets the entities of a node read and write, and says who it is.</summary>
    internal EmbeddedParty PartyOf(JournalSystem system, NodeStorage node, GroupDirectory groups)
    {
        system.Open(node.Node.Name, JournalOf(node));
        return new EmbeddedParty(node.Node.Name, JournalOf(node), groups, node.Quarantine);
    }
}
