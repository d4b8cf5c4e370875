using System.Globalization;

namespace SignerCluster.Host.Nodes;

/// <summary>A certificate that a role's work depends on.</summary>
/// <param name="Kind">
/// <c>link</c>: this node's own, as links show it. <c>cluster</c>: the one with which it joined its party's cluster, while that is another. <c>peer</c>: what
/// another party showed.
/// </param>
/// <param name="Party">The party that this node belongs to in the role.</param>
/// <param name="Peer">Who showed it; null for this node's own.</param>
/// <param name="Name">What it is called in a sentence.</param>
/// <param name="Advice">What to do before it ends, and after.</param>
internal sealed record WatchedCertificate(string Kind, string Party, string? Peer, string Name, DateTimeOffset Ends, string Advice)
{
    /// <summary>Long enough for all operators to take a roster with a new pin.</summary>
    internal static readonly TimeSpan Notice = TimeSpan.FromDays(30);

    /// <summary>Whole days; below zero once it has expired.</summary>
    internal int DaysLeft(DateTimeOffset now) => (int)Math.Floor((Ends - now).TotalDays);

    internal bool HasExpired(DateTimeOffset now) => now >= Ends;

    /// <summary>What an operator has to hear of it; null while there is time.</summary>
    internal string? Warning(DateTimeOffset now)
    {
        string ends = CertificateCheck.Text(Ends.UtcDateTime);
        return HasExpired(now) ? $"{Name} expired on {ends}. {Advice}"
            : Ends - now < Notice ? string.Create(CultureInfo.InvariantCulture, $"{Name} expires on {ends}, {DaysLeft(now)} days from now. {Advice}")
            : null;
    }
}
