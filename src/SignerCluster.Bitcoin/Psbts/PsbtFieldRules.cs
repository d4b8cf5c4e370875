using System.Buffers.Binary;
using System.Security.Cryptography;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What BIP-0174, BIP-0370, BIP-0371 and BIP-0373 demand of each key and value. Types that they do not define are not looked at.</summary>
internal static class PsbtFieldRules
{
    private const int ExtendedKeyLength = 78;
    private const int ExtendedKeyDepthOffset = 4;
    private const uint LeastTime = 500_000_000;

    /// <summary>The first broken rule of a map, or null.</summary>
    public static BitcoinRefusal? Check(PsbtMap map, string name, int version, Func<PsbtEntry, int, string?> rule)
    {
        foreach (PsbtEntry entry in map.Entries)
        {
            string? broken = entry.Type == AnyKeyType.Proprietary ? Proprietary(entry) : rule(entry, version);
            if (broken is not null)
            {
                return new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The field of type 0x{entry.Type:x2} in {name} is wrong: {broken}.");
            }
        }

        return null;
    }

    public static string? Global(PsbtEntry entry, int version) => entry.Type switch
    {
        GlobalKeyType.UnsignedTransaction => Only(0, version) ?? Bare(entry),
        GlobalKeyType.ExtendedPublicKey => ExtendedPublicKey(entry),
        GlobalKeyType.TransactionVersion or GlobalKeyType.FallbackLockTime => Only(2, version) ?? Bare(entry) ?? Sized(entry, 4),
        GlobalKeyType.InputCount or GlobalKeyType.OutputCount => Only(2, version) ?? Bare(entry) ?? Count(entry),
        GlobalKeyType.TransactionModifiable => Only(2, version) ?? Bare(entry) ?? Sized(entry, 1),
        GlobalKeyType.Version => Bare(entry) ?? Sized(entry, 4),
        _ => null,
    };

    public static string? Input(PsbtEntry entry, int version) => entry.Type switch
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
        InputKeyType.PreviousTxid => Only(2, version) ?? Bare(entry) ?? Sized(entry, 32),
        InputKeyType.OutputIndex or InputKeyType.Sequence => Only(2, version) ?? Bare(entry) ?? Sized(entry, 4),
        InputKeyType.RequiredTimeLockTime => Only(2, version) ?? Bare(entry) ?? Sized(entry, 4) ?? LockTime(entry, LeastTime, uint.MaxValue),
        InputKeyType.RequiredHeightLockTime => Only(2, version) ?? Bare(entry) ?? Sized(entry, 4) ?? LockTime(entry, 1, LeastTime - 1),
        InputKeyType.TapKeySignature => Bare(entry) ?? TaprootFieldRules.Schnorr(entry),
        InputKeyType.TapScriptSignature => Keyed(entry, 64) ?? TaprootFieldRules.Schnorr(entry),
        InputKeyType.TapLeafScript => TaprootFieldRules.LeafScript(entry),
        InputKeyType.TapBip32Derivation => Keyed(entry, 32) ?? TaprootFieldRules.TapKeyPath(entry),
        InputKeyType.TapInternalKey or InputKeyType.TapMerkleRoot => Bare(entry) ?? Sized(entry, 32),
        InputKeyType.Musig2Participants => TaprootFieldRules.Participants(entry),
        InputKeyType.Musig2PublicNonce => TaprootFieldRules.PublicNonce(entry),
        InputKeyType.Musig2PartialSignature => TaprootFieldRules.PartialSignature(entry),
        _ => null,
    };

    public static string? Output(PsbtEntry entry, int version) => entry.Type switch
    {
        OutputKeyType.RedeemScript or OutputKeyType.WitnessScript => Bare(entry),
        OutputKeyType.Bip32Derivation => EcdsaKey(entry) ?? KeyPath(entry.Value),
        OutputKeyType.Amount => Only(2, version) ?? Bare(entry) ?? Sized(entry, 8) ?? Amount(entry),
        OutputKeyType.Script => Only(2, version) ?? Bare(entry),
        OutputKeyType.TapInternalKey => Bare(entry) ?? Sized(entry, 32),
        OutputKeyType.TapTree => Bare(entry) ?? TaprootFieldRules.TapTree(entry),
        OutputKeyType.TapBip32Derivation => Keyed(entry, 32) ?? TaprootFieldRules.TapKeyPath(entry),
        OutputKeyType.Musig2Participants => TaprootFieldRules.Participants(entry),
        _ => null,
    };

    internal static string? Sized(PsbtEntry entry, int length) =>
        entry.Value.Length == length ? null : $"its value has {entry.Value.Length} bytes, not {length}";

    internal static string? KeyPath(ReadOnlySpan<byte> value) =>
        value.Length >= 4 && value.Length % 4 == 0 ? null : "a derivation is a fingerprint and indexes of four bytes each";

    private static string? Only(int wanted, int version) => version == wanted ? null : $"only a version {wanted} PSBT has it";

    private static string? Count(PsbtEntry entry)
    {
        ByteReader reader = new(entry.Value);
        return reader.TryReadCompactSize(out _) && reader.Remaining == 0 ? null : "its value is not one compact size";
    }

    private static string? LockTime(PsbtEntry entry, uint least, uint most)
    {
        uint lockTime = BinaryPrimitives.ReadUInt32LittleEndian(entry.Value);
        return lockTime >= least && lockTime <= most ? null : $"a lock time of {lockTime} is not in {least}..{most}";
    }

    private static string? Amount(PsbtEntry entry)
    {
        long amountSat = BinaryPrimitives.ReadInt64LittleEndian(entry.Value);
        return TxOut.IsAmount(amountSat) ? null : $"an amount of {amountSat} sat is not in 0..{TxOut.MaximumAmountSat}";
    }

    private static string? Bare(PsbtEntry entry) => entry.KeyData.IsEmpty ? null : "its key has data behind the type";

    private static string? Keyed(PsbtEntry entry, int length) =>
        entry.KeyData.Length == length ? null : $"its key has {entry.KeyData.Length} bytes of data, not {length}";

    private static string? Preimage(PsbtEntry entry, ReadOnlySpan<byte> hash) =>
        entry.KeyData.SequenceEqual(hash) ? null : "its value does not hash to its key";

    private static string? EcdsaKey(PsbtEntry entry)
    {
        ReadOnlySpan<byte> key = entry.KeyData;
        bool isKey = Point.TryParse(key, out _) || (key.Length == 65 && key[0] == 4 && XOnlyPublicKey.TryParse(key[1..33], out _));
        return isKey ? null : "its key holds no public key";
    }

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

    private static string? Proprietary(PsbtEntry entry)
    {
        ByteReader reader = new(entry.KeyData);
        return reader.TryReadVariableBytes(out _) && reader.TryReadCompactSize(out _) ? null : "a proprietary key holds an identifier and a subtype";
    }
}
