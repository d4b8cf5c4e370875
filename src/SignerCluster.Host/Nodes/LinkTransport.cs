using SignerCluster.Links;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>Takes the signed bytes for an entity over a link to some node of the party that hosts it.</summary>
internal sealed class LinkTransport(LinkListener links, Hosts hosts, TimeSpan answerTimeout, TimeProvider time) : IEngine
{
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        PartyName host = hosts.Of(to) ?? throw new EngineException("unroutable", $"No party of the cluster hosts {to}.", isTransient: true);
        using CancellationTokenSource patience = new(answerTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await links.AskAsync(host.ToString(), request, either.Token);
        }
        catch (LinkException fault)
        {
            throw new EngineException(fault.Code, $"{host}: {fault.Message}", fault.IsTransient, fault);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new EngineException("answer_timeout", $"{host} gave no answer for {to} within {answerTimeout.TotalSeconds} s.", isTransient: true);
        }
    }
}
