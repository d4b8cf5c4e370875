using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round1;

/// <summary>
/// The two points behind a public nonce, for as long as somebody remembers them. Decompressing a point costs a square root, and one nonce is
/// needed several times in a session; so all copies of it share one of these. Nobody compares or prints it: the bytes alone are the value.
/// </summary>
internal sealed class NoncePoints
{
    // Racing readers cost a second decompression, never another answer.
    private volatile Pair? _known;

    internal NoncePoints()
    {
    }

    internal NoncePoints(in Point first, in Point second) => _known = new Pair(first, second);

    internal bool TryGet(out Point first, out Point second)
    {
        Pair? pair = _known;
        (first, second) = pair is null ? default : (pair.First, pair.Second);
        return pair is not null;
    }

    internal void Remember(in Point first, in Point second) => _known = new Pair(first, second);

    private sealed class Pair(in Point first, in Point second)
    {
        internal readonly Point First = first;

        internal readonly Point Second = second;
    }
}
