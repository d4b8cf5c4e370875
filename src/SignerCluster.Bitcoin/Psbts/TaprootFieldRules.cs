using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What BIP-0371 and BIP-0373 demand of the keys and values of their fields; null where a field keeps its rule.</summary>
internal static class TaprootFieldRules
{
    private const int CompressedKeyLength = 33;
    private const int PublicNonceLength = 66;
    private const int PartialSignatureLength = 32;

    public static string? Schnorr(PsbtEntry entry) =>
        entry.Value.Length is 64 or 65 ? null : $"a signature has 64 or 65 bytes, not {entry.Value.Length}";

    public static string? LeafScript(PsbtEntry entry)
    {
        int length = entry.KeyData.Length;
        bool isControlBlock = length >= 33 && (length - 33) % 32 == 0 && (length - 33) / 32 <= Taproot.MaximumDepth;
        if (!isControlBlock)
        {
            return $"a control block has 33 + 32m bytes, not {length}";
        }

        return entry.Value.IsEmpty ? "its value lacks the leaf version" : null;
    }

    public static string? TapKeyPath(PsbtEntry entry)
    {
        ByteReader reader = new(entry.Value);
        return reader.TryReadCount(minimumItemBytes: 32, out int hashes) && reader.TryReadBytes(32 * hashes, out _)
            ? PsbtFieldRules.KeyPath(entry.Value[reader.Position..])
            : "its leaf hashes are incomplete";
    }

    // Leaves in depth-first order: two finished subtrees of one depth make one of the depth above, and the last one left is the root.
    public static string? TapTree(PsbtEntry entry)
    {
        ByteReader reader = new(entry.Value);
        Stack<int> finished = [];
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadByte(out byte depth) || !reader.TryReadByte(out byte leafVersion) || !reader.TryReadVariableBytes(out _))
            {
                return "a leaf is cut short";
            }

            if (depth > Taproot.MaximumDepth || (leafVersion & 1) != 0)
            {
                return "a leaf has no valid depth and version";
            }

            int level = depth;
            while (level > 0 && finished.TryPeek(out int sibling) && sibling == level)
            {
                finished.Pop();
                level--;
            }

            finished.Push(level);
        }

        return finished.Count == 1 && finished.Peek() == 0 ? null : "its leaves are not one whole tree";
    }

    /// <summary>The keys of BIP-0327 participants, in order, under their aggregate key.</summary>
    public static string? Participants(PsbtEntry entry) => CompressedKeys(entry.KeyData, "its key") ?? (entry.KeyData.Length == CompressedKeyLength
        ? CompressedKeys(entry.Value, "its value")
        : "its key holds more than one public key");

    public static string? PublicNonce(PsbtEntry entry) => Contribution(entry, PublicNonceLength);

    public static string? PartialSignature(PsbtEntry entry) => Contribution(entry, PartialSignatureLength);

    // Participant, aggregate key, and the hash of the leaf where a script is signed.
    private static string? Contribution(PsbtEntry entry, int valueLength)
    {
        int length = entry.KeyData.Length;
        return length is not (2 * CompressedKeyLength or (2 * CompressedKeyLength) + 32)
            ? $"its key has {length} bytes of data, not two public keys and at most a leaf hash"
            : CompressedKeys(entry.KeyData[..(2 * CompressedKeyLength)], "its key") ?? PsbtFieldRules.Sized(entry, valueLength);
    }

    private static string? CompressedKeys(ReadOnlySpan<byte> keys, string where)
    {
        bool isWhole = keys.Length % CompressedKeyLength == 0;
        for (int start = 0; isWhole && start < keys.Length; start += CompressedKeyLength)
        {
            isWhole = Point.TryParse(keys.Slice(start, CompressedKeyLength), out _);
        }

        return isWhole ? null : $"{where} is not made of compressed public keys";
    }
}
