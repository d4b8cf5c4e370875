using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SignerCluster.Workbench.Cluster;

/// <summary>Ports on loopback that nobody listens on.</summary>
internal static class FreePort
{
    // Below the range that the system gives to outgoing connections, which could otherwise take a port while its server is stopped.
    private const int First = 15_000;
    private const int Last = 32_000;
    private const int Tries = 200;

    /// <summary>
    /// Picks so many different ports. Nothing keeps them free until they are used. Throws <see cref="UnavailableException"/> <c>no_free_port</c>.
    /// </summary>
    internal static int[] Take(int count)
    {
        HashSet<int> taken = [];
        for (int attempt = 0; attempt < Tries && taken.Count < count; attempt++)
        {
            int port = RandomNumberGenerator.GetInt32(First, Last);
            if (IsFree(port))
            {
                taken.Add(port);
            }
        }

        return taken.Count == count
            ? [.. taken]
            : throw new UnavailableException("no_free_port", $"No {count} free ports between {First} and {Last} were found on 127.0.0.1 in {Tries} tries.");
    }

    /// <summary>The first of so many ports in a row. As <see cref="Take"/>.</summary>
    internal static int TakeRow(int count)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            int first = RandomNumberGenerator.GetInt32(First, Last - count);
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }

        throw new UnavailableException("no_free_port", $"No {count} free ports in a row between {First} and {Last} were found on 127.0.0.1 in {Tries} tries.");
    }

    /// <summary>Could a server listen there now?</summary>
    internal static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do: a port whose last connections are still being closed is free.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
