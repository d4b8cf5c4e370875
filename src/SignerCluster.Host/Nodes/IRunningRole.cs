using SignerCluster.Journal.Documents;

namespace SignerCluster.Host.Nodes;

/// <summary>What a node does in one role, with everything that it stands on. Disposing takes nothing new, finishes what is in progress, then closes.</summary>
internal interface IRunningRole : IAsyncDisposable
{
    GroupDirectory Groups { get; }

    PartyStorage Storage { get; }

    /// <summary>Secret nonces held now.</summary>
    int NoncesHeld { get; }

    /// <summary>Names the broker and what is wrong with the link to it; null when nothing is.</summary>
    string? BrokerFault { get; }
}
