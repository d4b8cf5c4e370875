namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Key types of the global map (BIP-0174, BIP-0370).</summary>
internal static class GlobalKeyType
{
    public const ulong UnsignedTransaction = 0x00;
    public const ulong ExtendedPublicKey = 0x01;
    public const ulong FirstOfVersion2 = 0x02;
    public const ulong LastOfVersion2 = 0x06;
    public const ulong Version = 0xFB;
}

/// <summary>Key types of an input map (BIP-0174, BIP-0370, BIP-0371).</summary>
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
    public const ulong FirstOfVersion2 = 0x0E;
    public const ulong LastOfVersion2 = 0x12;
    public const ulong TapKeySignature = 0x13;
    public const ulong TapScriptSignature = 0x14;
    public const ulong TapLeafScript = 0x15;
    public const ulong TapBip32Derivation = 0x16;
    public const ulong TapInternalKey = 0x17;
    public const ulong TapMerkleRoot = 0x18;
}

/// <summary>Key types of an output map (BIP-0174, BIP-0370, BIP-0371).</summary>
internal static class OutputKeyType
{
    public const ulong RedeemScript = 0x00;
    public const ulong WitnessScript = 0x01;
    public const ulong Bip32Derivation = 0x02;
    public const ulong FirstOfVersion2 = 0x03;
    public const ulong LastOfVersion2 = 0x04;
    public const ulong TapInternalKey = 0x05;
    public const ulong TapTree = 0x06;
    public const ulong TapBip32Derivation = 0x07;
}

/// <summary>Key types that mean the same in every map.</summary>
internal static class AnyKeyType
{
    public const ulong Proprietary = 0xFC;
}
