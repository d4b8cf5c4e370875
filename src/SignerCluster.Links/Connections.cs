using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SignerCluster.Links;

/// <summary>Counts the connections of each party after their handshake: one party may not take what all others need.</summary>
internal sealed class Connections(LinkPins pins, Refusals refusals)
{
    // Two for each of its nodes: the one that is lost, perhaps, and the one that takes its place.
    private const int MaximumOfParty = 2 * PartyLinks.MaximumNodes;

    private readonly FrozenDictionary<string, Count> _counts =
        pins.Parties.ToFrozenDictionary(static party => party, static _ => new Count(), StringComparer.Ordinal);

    internal async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        X509Certificate2? certificate = connection.Features.Get<ITlsHandshakeFeature>() is null
            ? null
            : connection.Features.Get<Microsoft.AspNetCore.Http.Features.ITlsConnectionFeature>()?.ClientCertificate;
        if (certificate is null || pins.PartyOf(certificate) is not { } party)
        {
            connection.Abort();
            return;
        }

        Count count = _counts[party];
        try
        {
            if (Interlocked.Increment(ref count.Open) <= MaximumOfParty)
                await next(connection);
            else
                refusals.Note(RefusalReason.TooMany, connection.RemoteEndPoint?.ToString() ?? "nowhere", LinkPins.Of(certificate));
        }
        finally
        {
            Interlocked.Decrement(ref count.Open);
        }
    }

    private sealed class Count
    {
        internal int Open;
    }
}
