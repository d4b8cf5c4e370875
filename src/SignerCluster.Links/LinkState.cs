namespace SignerCluster.Links;

/// <summary>One link as an operator wants to see it.</summary>
/// <param name="Party">The party at the other end, by its pinned certificate. Empty at a dialer that has not met the other end yet.</param>
/// <param name="Node">The participant's node, as that node calls itself.</param>
/// <param name="Address">Where the other end is: the address that is dialled, or the one that a connection came from.</param>
/// <param name="IsUp">Requests can be carried now.</param>
/// <param name="Fault">
/// Why the link is down, or went down last: a code in snake_case, such as <c>unreachable</c>, <c>certificate_refused</c>, <c>replaced</c>,
/// <c>goodbye</c>, <c>frame_too_long</c>, <c>link_lost</c>. Null while nothing went wrong.
/// </param>
/// <param name="Since">When the link came up or went down last.</param>
public sealed record LinkState(string Party, string Node, string Address, bool IsUp, string? Fault, DateTimeOffset Since)
{
    /// <summary>This end made the connection.</summary>
    public bool IsDialed { get; init; }

    /// <summary>When the certificate that the other end showed last ends to be valid; null before it was met.</summary>
    public DateTimeOffset? CertificateEnds { get; init; }

    /// <summary>Why it is down, with what to do where an operator can do something.</summary>
    public string FaultWithAdvice =>
        Fault is not { } fault ? "not connected" : LinkFaults.Advice(fault) is { } advice ? $"{fault}, {advice}" : fault;

    /// <summary>The other end in one word: the address that is dialled, or party and node of whoever dialled.</summary>
    public string Peer => IsDialed ? Address : $"{Party}/{Node}";
}

/// <summary>A certificate that a party showed.</summary>
public sealed record PeerCertificate(string Party, DateTimeOffset NotAfter);
