using System.Globalization;

namespace SignerCluster.RabbitMq;

/// <summary>A message as it came. Everything in it was written by somebody else, but for the exchange, which the broker vouches for.</summary>
/// <param name="Arrived">When it came to this node, as its clock counts.</param>
internal readonly record struct Delivery(string Exchange, string? Type, string? ReplyTo, string? Expiration, ReadOnlyMemory<byte> Body, long Arrived)
{
    /// <summary>The letters in it; nothing when it is no parcel.</summary>
    public ReadOnlyMemory<byte> Letters => Type == Parcel.Type ? Body : default;

    /// <summary>For how long, from when it was sent, somebody waits for the answer; not known when it does not say so.</summary>
    public TimeSpan? Lifetime =>
        uint.TryParse(Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out uint milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
