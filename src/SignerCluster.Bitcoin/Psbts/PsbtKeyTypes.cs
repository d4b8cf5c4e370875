namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Key types of the global map (BIP-0174, BIP-0370).</summary>
internal static class GlobalKeyType
{
    public const ulong UnsignedTransaction = 0x00;
    public const ulong ExtendedPublicKey = 0x01;
    public const ulong TransactionVersion = 0x02;
    public const ulong FallbackLockTime = 0x03;
    public const ulong InputCount = 0x04;
    public const ulong OutputCount = 0x05;
    public const ulong TransactionModifiable = 0x06;
    public const ulong Version = 0xFB;
}

/// <summary>Key types of an input map (BIP-0174, BIP-0370, BIP-0371, BIP-0373).</summary>
internal static class InputKeyType
{
    public const ulong NonWitnessUtxo = 0x00;
    public const ulong WitnessUtxo = 0x01;
    public const ulong PartialSignature = 0x02;
    public const ulong SighashType = 0x03;
    public const ulong RedeemScript = 0x04;
    public const ulong WitnessScript = 0x05;
    public const ulong Bip32Derivation = 0x06;
    public const ulong FinalScriptSig = 0x07;
    public const ulong FinalScriptWitness = 0x08;
    public const ulong ProofOfReserves = 0x09;
    public const ulong Ripemd160Preimage = 0x0A;
    public const ulong Sha256Preimage = 0x0B;
    public const ulong Hash160Preimage = 0x0C;
    public const ulong Hash256Preimage = 0x0D;
    public const ulong PreviousTxid = 0x0E;
    public const ulong OutputIndex = 0x0F;
    public const ulong Sequence = 0x10;
    public const ulong RequiredTimeLockTime = 0x11;
    public const ulong RequiredHeightLockTime = 0x12;
    public const ulong TapKeySignature = 0x13;
    public const ulong TapScriptSignature = 0x14;
    public const ulong TapLeafScript = 0x15;
    public const ulong TapBip32Derivation = 0x16;
    public const ulong TapInternalKey = 0x17;
    public const ulong TapMerkleRoot = 0x18;
    public const ulong Musig2Participants = 0x1A;
    public const ulong Musig2PublicNonce = 0x1B;
    public const ulong Musig2PartialSignature = 0x1C;

    /// <summary>Is a field kept when its input is final: UTXOs, what makes the transaction in version 2, and what the BIPs do not define.</summary>
    public static bool OutlivesSigning(ulong type) => type is NonWitnessUtxo or WitnessUtxo or (>= PreviousTxid and <= RequiredHeightLockTime)
        || (type > TapMerkleRoot && type is not (Musig2Participants or Musig2PublicNonce or Musig2PartialSignature));
}

/// <summary>Key types of an output map (BIP-0174, BIP-0370, BIP-0371, BIP-0373).</summary>
internal static class OutputKeyType
{
    public const ulong RedeemScript = 0x00;
    public const ulong WitnessScript = 0x01;
    public const ulong Bip32Derivation = 0x02;
    public const ulong Amount = 0x03;
    public const ulong Script = 0x04;
    public const ulong TapInternalKey = 0x05;
    public const ulong TapTree = 0x06;
    public const ulong TapBip32Derivation = 0x07;
    public const ulong Musig2Participants = 0x08;
}

/// <summary>Key types that mean the same in every map.</summary>
internal static class AnyKeyType
{
    public const ulong Proprietary = 0xFC;
}
