using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace SignerCluster.Actors.Downing;

/// <summary>The second witness: the port that a member listens at for as long as its process lives.</summary>
internal static class MemberPort
{
    /// <summary>
    /// Does the member's machine say that nobody listens there? Whatever else comes, also a silent network, an unknown name or one address of several that
    /// does not refuse, is no such answer.
    /// </summary>
    internal static async Task<bool> RefusesAsync(Address member, TimeSpan limit)
    {
        if (member is not { Host: { } host, Port: { } port })
        {
            return false;
        }

        using CancellationTokenSource patience = new(limit);
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, patience.Token);
            bool[] refusals = await Task.WhenAll(addresses.Select(address => RefusesAsync(new IPEndPoint(address, port), patience.Token)));
            return refusals.Length > 0 && refusals.All(static refuses => refuses);
        }
        catch (Exception silence) when (silence is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> RefusesAsync(IPEndPoint end, CancellationToken cancellation)
    {
        using Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(end, cancellation);
            return false;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
    }
}
