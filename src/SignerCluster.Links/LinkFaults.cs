using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace SignerCluster.Links;

/// <summary>The names of what ends links. What the other side says of the end is believed only where it is one of these.</summary>
internal static class LinkFaults
{
    internal const string Goodbye = "goodbye";
    internal const string Replaced = "replaced";
    internal const string Malformed = "malformed";
    internal const string Unasked = "unasked";
    internal const string Expired = "certificate_expired";
    internal const string ClockOff = "clock_off";
    internal const string CertificateRefused = "certificate_refused";
    internal const string Unreachable = "unreachable";
    internal const string Refused = "refused";
    internal const string NodeRefused = "node_refused";
    internal const string Broken = "broken";

    private static readonly string[] _told =
        [Replaced, Malformed, Unasked, Expired, ClockOff, NodeRefused, LinkException.FrameTooLong, LinkException.LinkStopped, LinkException.LinkLost];

    /// <summary>What an operator should look at; null where time mends it.</summary>
    internal static string? Advice(string fault) => fault switch
    {
        ClockOff => "compare the clocks of both nodes, one of them is off",
        CertificateRefused => "compare the roster with that of the other operator; the log says what is wrong with the certificate that was shown",
        Replaced => "if this comes again and again, another process runs under this node's name",
        NodeRefused => "the party has too many nodes, or node.name is not a name",
        Unreachable => "see that it runs and can be reached from here",
        LinkException.FrameTooLong => "compare links.maximum-frame of both nodes",
        _ => null,
    };

    /// <summary>An end that networks and peers bring about, in contrast to a defect of this process.</summary>
    internal static bool IsOfLink(Exception fault) =>
        fault is RpcException or IOException or OperationCanceledException or HttpRequestException or SocketException or AuthenticationException
            or ObjectDisposedException or InvalidOperationException;

    internal static string NameOf(Exception fault) => fault switch
    {
        RpcException { StatusCode: StatusCode.ResourceExhausted } => LinkException.FrameTooLong,
        RpcException rpc when Array.IndexOf(_told, rpc.Status.Detail) >= 0 => rpc.Status.Detail,
        RpcException { StatusCode: StatusCode.Unimplemented or StatusCode.Unauthenticated or StatusCode.PermissionDenied } => Refused,
        _ when Has<AuthenticationException>(fault) => CertificateRefused,
        _ when Has<SocketException>(fault, static socket => socket.SocketErrorCode != SocketError.ConnectionReset) => Unreachable,
        _ => LinkException.LinkLost,
    };

    private static bool Has<T>(Exception fault, Func<T, bool>? isMeant = null)
        where T : Exception
    {
        for (Exception? inner = fault; inner is not null; inner = inner.InnerException ?? (inner as RpcException)?.Status.DebugException)
        {
            if (inner is T found && isMeant?.Invoke(found) != false)
                return true;
        }

        return false;
    }
}
