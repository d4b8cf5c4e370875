using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>Where streams arrive at a coordinator's node. Who is at the other end was settled in the handshake; only the node's name is its own word.</summary>
internal sealed partial class LinkEndpoint(LinkPins pins, Handshake handshake, LinkLimits limits, TimeProvider time, ILogger log) : LinkStream.LinkStreamBase
{
    /// <summary>The header in which the participant's node says its name.</summary>
    internal const string NodeHeader = "link-node";

    private const int LongestNodeName = 64;
    private volatile bool _isStopping;

    /// <summary>The links of every party that may be met.</summary>
    internal FrozenDictionary<string, PartyLinks> Parties { get; } =
        pins.Parties.ToFrozenDictionary(static party => party, static party => new PartyLinks(party), StringComparer.Ordinal);

    public override async Task Open(IAsyncStreamReader<Parcel> requestStream, IServerStreamWriter<Parcel> responseStream, ServerCallContext context)
    {
        LinkClock clock = new(time, limits);
        ConnectionInfo connection = context.GetHttpContext().Connection;
        X509Certificate2? certificate = connection.ClientCertificate;
        if (certificate is null || pins.PartyOf(certificate) is not { } party)
            throw End(StatusCode.Unauthenticated, LinkFaults.Refused);
        string node = context.RequestHeaders.GetValue(NodeHeader) ?? string.Empty;
        if (!IsName(node))
            throw End(StatusCode.InvalidArgument, LinkFaults.NodeRefused);
        string address = new IPEndPoint(connection.RemoteIpAddress ?? IPAddress.None, connection.RemotePort).ToString();
        if (clock.IsApartFrom(context.RequestHeaders.GetValue(LinkClock.Header)))
        {
            handshake.Refuse(RefusalReason.ClockOff, address, LinkPins.Of(certificate));
            throw End(StatusCode.FailedPrecondition, LinkFaults.ClockOff);
        }

        DateTimeOffset end = Handshake.EndOf(certificate);
        LinkState state = new(party, node, address, IsUp: true, Fault: null, time.GetUtcNow()) { CertificateEnds = end };
        using AcceptedLink link = new(state, clock, limits, time);
        string fault = await CarryAsync(link, handshake.LifetimeUntil(end), requestStream, responseStream, context);
        if (fault is not (LinkFaults.Goodbye or LinkException.LinkStopped))
            throw End(StatusCode.Aborted, fault);
    }

    /// <summary>Fails whoever waits, and says goodbye on every link. The links end by themselves.</summary>
    internal void Leave()
    {
        _isStopping = true;
        foreach (AcceptedLink link in Parties.Values.SelectMany(static party => party.Links))
            link.Leave();
    }

    internal IReadOnlyList<PeerCertificate> ExpiredPeers => handshake.Expired;

    /// <summary>No link is taken up any more.</summary>
    internal bool IsStopping => _isStopping;

    private async Task<string> CarryAsync(
        AcceptedLink link, TimeSpan lifetime, IAsyncStreamReader<Parcel> reader, IServerStreamWriter<Parcel> writer, ServerCallContext context)
    {
        // The headers tell the other end that it is in; nothing is sent before them.
        await context.WriteResponseHeadersAsync([]);
        PartyLinks links = Parties[link.State.Party];
        if (!links.TryAdd(link))
            return LinkFaults.NodeRefused;
        LogUp(link.State.Party, link.State.Node, link.State.Address);
        ITimer expiry = time.CreateTimer(static ended => ((AcceptedLink)ended!).End(LinkFaults.Expired), link, lifetime, Timeout.InfiniteTimeSpan);
        await using (expiry)
        {
            // One that was taken up while all others were told goodbye.
            if (_isStopping)
                link.Leave();
            string fault = await link.RunAsync(reader, writer, context.CancellationToken);
            links.Remove(link, time.GetUtcNow());
            LogDown(link.State.Party, link.State.Node, link.State.Address, fault);
            return fault;
        }
    }

    private static RpcException End(StatusCode code, string fault) => new(new Status(code, fault));

    // It is shown to operators and written to logs.
    private static bool IsName(string node) =>
        node.Length is > 0 and <= LongestNodeName && node.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    [LoggerMessage(1611, LogLevel.Information, "The link with {Party} is up: node {Node} at {Address}.")]
    private partial void LogUp(string party, string node, string address);

    [LoggerMessage(1612, LogLevel.Information, "The link with {Party}, node {Node} at {Address}, ended: {Fault}.")]
    private partial void LogDown(string party, string node, string address, string fault);
}
