using System.Collections.Concurrent;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>
/// The signatures of several messages that were verified last: each comes once with every message that it is good for. Only what was verified gets in, so
/// nobody but the parties of the roster can push anything out. Safe for concurrent use.
/// </summary>
internal sealed class KnownSignatures
{
    /// <summary>How many are remembered. One that was forgotten is verified again.</summary>
    internal const int Capacity = 512;

    private readonly ConcurrentDictionary<Known, bool> _known = new();
    private readonly ConcurrentQueue<Known> _order = new();

    /// <summary>Was this very signature of this key over this digest verified here lately?</summary>
    internal bool Has(VerifyingKey key, in Bytes32 digest, ReadOnlySpan<byte> signature64) => _known.ContainsKey(Of(key, digest, signature64));

    /// <summary>Notes what was verified. Always true.</summary>
    internal bool Add(VerifyingKey key, in Bytes32 digest, ReadOnlySpan<byte> signature64)
    {
        Known known = Of(key, digest, signature64);
        if (_known.TryAdd(known, true))
        {
            _order.Enqueue(known);
            if (_order.Count > Capacity && _order.TryDequeue(out Known oldest))
            {
                _known.TryRemove(oldest, out _);
            }
        }

        return true;
    }

    private static Known Of(VerifyingKey key, in Bytes32 digest, ReadOnlySpan<byte> signature64) => new(key, digest, FixedBytes.From<Bytes64>(signature64));

    /// <param name="Key">The object that the roster has of a party's key.</param>
    private readonly record struct Known(VerifyingKey Key, Bytes32 Digest, Bytes64 Signature);
}
