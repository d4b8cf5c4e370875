namespace SignerCluster.Chaos.Audit;

/// <summary>Hex of one or more values of one size, one behind the other, as the events of a session have it: one value for each of its messages.</summary>
internal static class Digits
{
    internal const int OfMessage = 64;
    internal const int OfSignature = 128;

    internal static IEnumerable<string> Split(string? hex, int digits) => (hex ?? string.Empty).Chunk(digits).Select(static value => new string(value));
}
