using System.Net;
using System.Net.Sockets;

namespace SignerCluster.Chaos.Cluster;

/// <summary>Ports of loopback for a cluster: a range for HTTP, and those 2000 and 4000 above it, which its nodes use between them.</summary>
internal static class FreePorts
{
    private const int Range = 40;
    private static readonly int[] _above = [0, 2000, 4000];

    /// <summary>The first of a range of ports of which none was in use a moment ago. Throws <see cref="CannotRunException"/>.</summary>
    internal static int First()
    {
        for (int tries = 0; tries < 100; tries++)
        {
            // Below those that the system gives to whoever dials.
            int first = 12_000 + (Random.Shared.Next(200) * Range);
            if (_above.All(above => Enumerable.Range(first + above, Range).All(IsFree)))
            {
                return first;
            }
        }

        throw new CannotRunException("No free range of ports was found on loopback.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
