using SignerCluster.Links;

namespace SignerCluster.Host.Nodes;

/// <summary>The certificates that a role depends on: its own, and those that other parties showed over links.</summary>
/// <param name="setting">Which file of the configuration holds the role's own.</param>
/// <param name="clusterEnds">When the certificate ends with which the node joined its party's cluster; null for a party of one node.</param>
internal sealed class RoleCertificates(string party, string setting, LinkCertificate own, DateTimeOffset? clusterEnds)
{
    private const string Renew =
        "Make a new one with signer pki certificate, let every operator's roster pin it, then exchange the files and restart this node.";

    private const string Restart = "Restart this node: it takes the renewed one then.";
    private const string RenewPeer = "Its operator must renew it; then the link comes back by itself, and until then that node takes no part.";

    /// <summary>Why the files, which changed, cannot be used; null when they can.</summary>
    internal string? Fault
    {
        get
        {
            // Asking for it looks at the files again.
            _ = own.NotAfter;
            return own.Fault is { } fault ? $"{setting} of {party} changed and cannot be used, so the earlier one still is: {fault}" : null;
        }
    }

    internal IEnumerable<WatchedCertificate> Own
    {
        get
        {
            DateTimeOffset ends = own.NotAfter;
            yield return new WatchedCertificate("link", party, null, $"This node's certificate ({setting} of {party})", ends, Renew);
            if (clusterEnds is { } joined && joined != ends)
            {
                yield return new WatchedCertificate(
                    "cluster", party, null, $"The certificate with which this node joined the cluster of {party}", joined, Restart);
            }
        }
    }

    /// <param name="expired">Of whoever was refused for it.</param>
    internal IEnumerable<WatchedCertificate> Peers(IEnumerable<LinkState> links, IEnumerable<PeerCertificate> expired) =>
        links.Where(static link => link is { IsUp: true, CertificateEnds: not null })
            .Select(link => Peer($"{link.Party} ({link.Peer})", link.Peer, link.CertificateEnds!.Value))
            .Concat(expired.Select(shown => Peer(shown.Party, shown.Party, shown.NotAfter)));

    private WatchedCertificate Peer(string name, string peer, DateTimeOffset ends) =>
        new("peer", party, peer, $"The certificate of {name}", ends, RenewPeer);
}
