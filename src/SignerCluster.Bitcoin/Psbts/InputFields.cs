using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The fields of an input map that signing looks at, as values. The parser has held each to its rule.</summary>
internal static class InputFields
{
    public static Script FinalScriptSig(this PsbtMap input) =>
        input.TryGet(InputKeyType.FinalScriptSig, out ReadOnlySpan<byte> script) ? Script.From(script) : Script.Empty;

    public static Witness FinalWitness(this PsbtMap input)
    {
        ByteReader reader = new(input.TryGet(InputKeyType.FinalScriptWitness, out ReadOnlySpan<byte> encoded) ? encoded : [0]);
        return Witness.TryRead(ref reader, out Witness witness) ? witness : throw new InvalidOperationException("The parser let an unreadable witness in.");
    }

    /// <summary>Is there a final scriptSig or witness that is not empty?</summary>
    public static bool IsFinal(this PsbtMap input) => input.FinalScriptSig().Length > 0 || input.FinalWitness().Count > 0;

    public static bool HasTapKeySignature(this PsbtMap input) => input.TryGet(InputKeyType.TapKeySignature, out _);

    public static bool HasSignature(this PsbtMap input) => input.Entries.Any(
        static entry => entry.Type is InputKeyType.PartialSignature or InputKeyType.TapKeySignature or InputKeyType.TapScriptSignature);

    public static Bytes32? TapMerkleRoot(this PsbtMap input) => input.Bytes32Of(InputKeyType.TapMerkleRoot);

    public static Bytes32? TapInternalKey(this PsbtMap input) => input.Bytes32Of(InputKeyType.TapInternalKey);

    /// <summary>The hash type that the input demands, the default where it demands none; false for one that BIP-0341 does not define.</summary>
    public static bool TryGetSighashType(this PsbtMap input, int index, out SighashType type, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        uint demanded = input.UInt32(InputKeyType.SighashType) ?? (uint)SighashType.Default;
        bool isValid = demanded <= byte.MaxValue && ((SighashType)demanded).IsValid();
        type = isValid ? (SighashType)demanded : default;
        refusal = isValid
            ? null
            : new BitcoinRefusal(RefusalCodes.PsbtSighashTypeInvalid, $"Input {index} demands the hash type 0x{demanded:x}, which taproot lacks.");
        return isValid;
    }

    public static bool AcceptsSighashType(this PsbtMap input, SighashType type) =>
        input.UInt32(InputKeyType.SighashType) is not { } demanded || demanded == (uint)type;
}
