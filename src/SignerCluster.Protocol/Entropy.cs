namespace SignerCluster.Protocol;

/// <summary>Fills a span with fresh secret randomness.</summary>
public delegate void Entropy(Span<byte> destination);
