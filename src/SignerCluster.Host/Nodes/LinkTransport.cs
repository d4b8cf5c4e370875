using SignerCluster.Links;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>Takes the signed bytes for an entity over a link to some node of the party that hosts it.</summary>
internal sealed class LinkTransport(LinkListener links, Hosts hosts) : IExchange
{
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        PartyName host = hosts.Of(to) ?? throw new ExchangeException("unroutable", $"No party of the cluster hosts {to}.", isTransient: true);
        try
        {
            return await links.AskAsync(host.ToString(), request, cancellation);
        }
        catch (LinkException fault)
        {
            throw new ExchangeException(fault.Code, $"{host}: {fault.Message}", fault.IsTransient, fault);
        }
    }
}
