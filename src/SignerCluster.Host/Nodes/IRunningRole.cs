using SignerCluster.Host.Http;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Host.Nodes;

/// <summary>What a node does in one role, with everything that it stands on. Disposing takes nothing new, finishes what is in progress, then closes.</summary>
internal interface IRunningRole : IAsyncDisposable
{
    GroupDirectory Groups { get; }

    PartyStorage Storage { get; }

    PartyMember Member { get; }

    RoleCertificates Certificates { get; }

    /// <summary>Who was refused within the last minute because a certificate has expired.</summary>
    IReadOnlyList<Links.PeerCertificate> ExpiredPeers { get; }

    /// <summary>The links of this node to other parties, as they are now.</summary>
    IReadOnlyList<Links.LinkState> Links { get; }

    /// <summary>The party's guardians.</summary>
    ServedGuardians Guardians { get; }

    /// <summary>Secret nonces held now.</summary>
    int NoncesHeld { get; }
}
