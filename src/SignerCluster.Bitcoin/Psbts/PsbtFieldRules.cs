using System.Security.Cryptography;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What BIP-0174 and BIP-0371 demand of each key and value of a version 0 PSBT. Types that they do not define are not looked at.</summary>
internal static class PsbtFieldRules
{
    private const int ExtendedKeyLength = 78;
    private const int ExtendedKeyDepthOffset = 4;

    /// <summary>The first broken rule of a map, or null.</summary>
    public static BitcoinRefusal? Check(PsbtMap map, string name, Func<PsbtEntry, string?> rule)
    {
        foreach (PsbtEntry entry in map.Entries)
        {
            string? broken = entry.Type == AnyKeyType.Proprietary ? Proprietary(entry) : rule(entry);
            if (broken is not null)
            {
                return new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The field of type 0x{entry.Type:x2} in {name} is wrong: {broken}.");
            }
        }

        return null;
    }

    public static string? Global(PsbtEntry entry) => entry.Type switch
    {
        GlobalKeyType.UnsignedTransaction => Bare(entry),
        GlobalKeyType.ExtendedPublicKey => ExtendedPublicKey(entry),
        >= GlobalKeyType.FirstOfVersion2 and <= GlobalKeyType.LastOfVersion2 => "only a version 2 PSBT has it",
        GlobalKeyType.Version => Bare(entry) ?? Sized(entry, 4),
        _ => null,
    };

    public static string? Input(PsbtEntry entry) => entry.Type switch
    {
        InputKeyType.PartialSignature => EcdsaKey(entry),
        InputKeyType.SighashType => Bare(entry) ?? Sized(entry, 4),
        InputKeyType.Bip32Derivation => EcdsaKey(entry) ?? KeyPath(entry.Value),
        InputKeyType.FinalScriptWitness => Bare(entry) ?? FinalWitness(entry),
        InputKeyType.NonWitnessUtxo or InputKeyType.WitnessUtxo or InputKeyType.RedeemScript or InputKeyType.WitnessScript
            or InputKeyType.FinalScriptSig or InputKeyType.ProofOfReserves => Bare(entry),
        InputKeyType.Ripemd160Preimage or InputKeyType.Hash160Preimage => Keyed(entry, 20),
        InputKeyType.Sha256Preimage => Keyed(entry, 32) ?? Preimage(entry, SHA256.HashData(entry.Value)),
        InputKeyType.Hash256Preimage => Keyed(entry, 32) ?? Preimage(entry, SHA256.HashData(SHA256.HashData(entry.Value))),
        >= InputKeyType.FirstOfVersion2 and <= InputKeyType.LastOfVersion2 => "only a version 2 PSBT has it",
        InputKeyType.TapKeySignature => Bare(entry) ?? Schnorr(entry),
        InputKeyType.TapScriptSignature => Keyed(entry, 64) ?? Schnorr(entry),
        InputKeyType.TapLeafScript => LeafScript(entry),
        InputKeyType.TapBip32Derivation => Keyed(entry, 32) ?? TapKeyPath(entry),
        InputKeyType.TapInternalKey or InputKeyType.TapMerkleRoot => Bare(entry) ?? Sized(entry, 32),
        _ => null,
    };

    public static string? Output(PsbtEntry entry) => entry.Type switch
    {
        OutputKeyType.RedeemScript or OutputKeyType.WitnessScript => Bare(entry),
        OutputKeyType.Bip32Derivation => EcdsaKey(entry) ?? KeyPath(entry.Value),
        OutputKeyType.FirstOfVersion2 or OutputKeyType.LastOfVersion2 => "only a version 2 PSBT has it",
        OutputKeyType.TapInternalKey => Bare(entry) ?? Sized(entry, 32),
        OutputKeyType.TapTree => Bare(entry) ?? TapTree(entry),
        OutputKeyType.TapBip32Derivation => Keyed(entry, 32) ?? TapKeyPath(entry),
        _ => null,
    };

    private static string? Bare(PsbtEntry entry) => entry.KeyData.IsEmpty ? null : "its key has data behind the type";

    private static string? Keyed(PsbtEntry entry, int length) =>
        entry.KeyData.Length == length ? null : $"its key has {entry.KeyData.Length} bytes of data, not {length}";

    private static string? Sized(PsbtEntry entry, int length) =>
        entry.Value.Length == length ? null : $"its value has {entry.Value.Length} bytes, not {length}";

    private static string? Schnorr(PsbtEntry entry) =>
        entry.Value.Length is 64 or 65 ? null : $"a signature has 64 or 65 bytes, not {entry.Value.Length}";

    private static string? Preimage(PsbtEntry entry, ReadOnlySpan<byte> hash) =>
        entry.KeyData.SequenceEqual(hash) ? null : "its value does not hash to its key";

    private static string? EcdsaKey(PsbtEntry entry)
    {
        ReadOnlySpan<byte> key = entry.KeyData;
        bool isKey = Point.TryParse(key, out _) || (key.Length == 65 && key[0] == 4 && XOnlyPublicKey.TryParse(key[1..33], out _));
        return isKey ? null : "its key holds no public key";
    }

    private static string? KeyPath(ReadOnlySpan<byte> value) =>
        value.Length >= 4 && value.Length % 4 == 0 ? null : "a derivation is a fingerprint and indexes of four bytes each";

    private static string? ExtendedPublicKey(PsbtEntry entry)
    {
        if (Keyed(entry, ExtendedKeyLength) is { } wrongLength)
        {
            return wrongLength;
        }

        int depth = entry.KeyData[ExtendedKeyDepthOffset];
        bool isPoint = Point.TryParse(entry.KeyData[^33..], out _);
        return !isPoint ? "its key holds no public key" : Sized(entry, 4 + (4 * depth));
    }

    private static string? FinalWitness(PsbtEntry entry)
    {
        ByteReader reader = new(entry.Value);
        return Witness.TryRead(ref reader, out _) && reader.Remaining == 0 ? null : "its value is not one witness stack";
    }

    private static string? LeafScript(PsbtEntry entry)
    {
        int length = entry.KeyData.Length;
        bool isControlBlock = length >= 33 && (length - 33) % 32 == 0 && (length - 33) / 32 <= Taproot.MaximumDepth;
        if (!isControlBlock)
        {
            return $"a control block has 33 + 32m bytes, not {length}";
        }

        return entry.Value.IsEmpty ? "its value lacks the leaf version" : null;
    }

    private static string? TapKeyPath(PsbtEntry entry)
    {
        ByteReader reader = new(entry.Value);
        return reader.TryReadCount(minimumItemBytes: 32, out int hashes) && reader.TryReadBytes(32 * hashes, out _)
            ? KeyPath(entry.Value[reader.Position..])
            : "its leaf hashes are incomplete";
    }

    // Leaves in depth-first order: two finished subtrees of one depth make one of the depth above, and the last one left is the root.
    private static string? TapTree(PsbtEntry entry)
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

    private static string? Proprietary(PsbtEntry entry)
    {
        ByteReader reader = new(entry.KeyData);
        return reader.TryReadVariableBytes(out _) && reader.TryReadCompactSize(out _) ? null : "a proprietary key holds an identifier and a subtype";
    }
}
