using SignerCluster.Links;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>The links to the nodes of the parties that host entities.</summary>
internal sealed class LinkRoutes(LinkListener links, Hosts hosts)
{
    /// <summary>A link to some node of the party that hosts an entity. Throws <see cref="ExchangeException"/> when there is none.</summary>
    internal IRoute To(EntityId entity)
    {
        PartyName host = hosts.Of(entity) ?? throw new ExchangeException("unroutable", $"No party of the cluster hosts {entity}.", isTransient: true);
        try
        {
            return new Route(host, links.RouteTo(host.ToString()));
        }
        catch (LinkException fault)
        {
            throw Named(host, fault);
        }
    }

    private static ExchangeException Named(PartyName host, LinkException fault) => new(fault.Code, $"{host}: {fault.Message}", fault.IsTransient, fault);

    private sealed class Route(PartyName host, LinkRoute link) : IRoute
    {
        public string Node => link.Node;

        public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
        {
            try
            {
                return await link.AskAsync(request, cancellation);
            }
            catch (LinkException fault)
            {
                throw Named(host, fault);
            }
        }
    }
}
