using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>
/// A version 0 partially signed transaction (BIP-0174 with the fields of BIP-0371). Immutable: every change returns a new one. Unknown and
/// proprietary pairs are kept and written back, in the order in which they were read. Equal by bytes.
/// </summary>
public sealed class Psbt : IEquatable<Psbt>
{
    /// <summary>A binary PSBT longer than this is refused; the memory that a hostile one costs is about thirty times its length.</summary>
    public const int MaximumBytes = 8 * 1024 * 1024;

    private readonly PsbtMap _global;
    private readonly PsbtMap[] _inputs;
    private readonly PsbtMap[] _outputs;
    private readonly TxOut?[] _prevouts;

    internal Psbt(Transaction unsigned, PsbtMap global, PsbtMap[] inputs, PsbtMap[] outputs, TxOut?[] prevouts)
    {
        UnsignedTransaction = unsigned;
        _global = global;
        _inputs = inputs;
        _outputs = outputs;
        _prevouts = prevouts;
    }

    /// <summary>The transaction to sign. Its txid is final, as signatures of segwit inputs do not change it.</summary>
    public Transaction UnsignedTransaction { get; }

    /// <summary>What input i spends; null where the PSBT does not tell.</summary>
    public IReadOnlyList<TxOut?> Prevouts => _prevouts;

    internal IReadOnlyList<PsbtMap> Inputs => _inputs;

    internal IReadOnlyList<PsbtMap> Outputs => _outputs;

    public static bool operator ==(Psbt? left, Psbt? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Psbt? left, Psbt? right) => !(left == right);

    /// <summary>Parses the binary form. Never throws; refuses whatever the BIPs call invalid and any UTXO that contradicts its outpoint.</summary>
    public static bool TryParse(ReadOnlySpan<byte> binary, [NotNullWhen(true)] out Psbt? psbt, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtParser.TryParse(binary, out psbt, out refusal);

    /// <summary>Parses the content of a file: the binary form, or base64 text in which whitespace does not count. Never throws.</summary>
    public static bool TryLoad(ReadOnlySpan<byte> fileContent, [NotNullWhen(true)] out Psbt? psbt, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtParser.TryLoad(fileContent, out psbt, out refusal);

    /// <summary>
    /// Makes a PSBT that spends <paramref name="prevouts"/>[i] in input i and states an internal key where one is given. Throws
    /// <see cref="ArgumentException"/> when the counts differ or the transaction already has a scriptSig or witness.
    /// </summary>
    public static Psbt Create(Transaction unsigned, IReadOnlyList<TxOut> prevouts, IReadOnlyList<XOnlyPublicKey?> internalKeys)
    {
        if (prevouts.Count != unsigned.Inputs.Count || internalKeys.Count != unsigned.Inputs.Count)
        {
            throw new ArgumentException("Every input wants one prevout and one internal key or null.", nameof(prevouts));
        }

        if (unsigned.HasWitness || unsigned.Inputs.Any(input => input.ScriptSig.Length > 0))
        {
            throw new ArgumentException("The transaction is already signed.", nameof(unsigned));
        }

        PsbtMap global = PsbtMap.Empty.With(GlobalKeyType.UnsignedTransaction, unsigned.ToBytesWithoutWitness());
        PsbtMap[] inputs = [.. prevouts.Zip(internalKeys, NewInput)];
        PsbtMap[] outputs = [.. Enumerable.Repeat(PsbtMap.Empty, unsigned.Outputs.Count)];
        return new Psbt(unsigned, global, inputs, outputs, [.. prevouts]);
    }

    /// <summary>
    /// Sorts the inputs by what they are to a group key, used as internal key with the input's merkle root or without one. Refuses with
    /// <c>psbt_foreign_key</c> when none is the group's, <c>psbt_already_signed</c> when all of them have signatures, <c>psbt_missing_utxo</c>
    /// when a hash commits to an output that the PSBT does not give, <c>psbt_key_contradiction</c> when an input's stated internal key and its
    /// output disagree about the group, <c>psbt_sighash_type_invalid</c> or <c>sighash_single_without_output</c> when no hash exists.
    /// </summary>
    public bool TryFindKeyPathInputs(
        XOnlyPublicKey groupKey, [NotNullWhen(true)] out KeyPathInputs? found, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        new KeyPathSearch(this, groupKey).TryRun(out found, out refusal);

    /// <summary>
    /// Sets the key-path signature of an input: 64 bytes on the wire for <see cref="SighashType.Default"/>, else 65. It is verified by
    /// <see cref="TryFinalize"/>. Throws <see cref="ArgumentException"/> for an undefined type or one that the input rules out, and
    /// <see cref="InvalidOperationException"/> for a final input.
    /// </summary>
    public Psbt WithTapKeySignature(int input, Bytes64 signature, SighashType type) => WithTapKeySignatures([(input, signature, type)]);

    private PsbtMap Signed(int input, Bytes64 signature, SighashType type)
    {
        if (!type.IsValid() || !AcceptsSighashType(input, type))
        {
            throw new ArgumentException($"Input {input} does not take the hash type 0x{(int)type:x2}.", nameof(type));
        }

        if (IsFinal(input))
        {
            throw new InvalidOperationException($"Input {input} is final.");
        }

        ReadOnlySpan<byte> suffix = type == SighashType.Default ? [] : [(byte)type];
        return InputMap(input).With(InputKeyType.TapKeySignature, [.. signature.AsSpan(), .. suffix]);
    }

    /// <summary>As <see cref="WithTapKeySignature"/>, for many inputs at once.</summary>
    public Psbt WithTapKeySignatures(IEnumerable<(int Input, Bytes64 Signature, SighashType Type)> signatures)
    {
        PsbtMap[] inputs = [.. _inputs];
        foreach ((int input, Bytes64 signature, SighashType type) in signatures)
        {
            inputs[input] = Signed(input, signature, type);
        }

        return WithMaps(inputs, _outputs);
    }

    /// <summary>Demands a hash type of the signatures of an input; throws <see cref="ArgumentException"/> for an undefined one.</summary>
    public Psbt WithSighashType(int input, SighashType type)
    {
        byte[] value = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(value, type.IsValid() ? (uint)type : throw new ArgumentException("Not a BIP-0341 hash type.", nameof(type)));
        return WithInput(input, InputKeyType.SighashType, value);
    }

    /// <summary>States the root of the script tree of the output that an input spends.</summary>
    public Psbt WithTapMerkleRoot(int input, Bytes32 merkleRoot) => WithInput(input, InputKeyType.TapMerkleRoot, merkleRoot.AsSpan());

    /// <summary>Is there a final scriptSig or witness that is not empty?</summary>
    public bool IsFinal(int input) => FinalScriptSig(input).Length > 0 || FinalWitness(input).Count > 0;

    /// <summary>
    /// Turns every key-path signature into the final witness and removes what BIP-0174 and BIP-0371 say; final inputs stay as they are.
    /// Refuses an input without a signature (<c>psbt_not_signed</c>), a hash type that the input rules out (<c>psbt_sighash_type_invalid</c>), and
    /// a signature that does not verify under the output spent (<c>psbt_invalid_signature</c>).
    /// </summary>
    public bool TryFinalize([NotNullWhen(true)] out Psbt? finalized, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtFinalizer.TryFinalize(this, out finalized, out refusal);

    /// <summary>The transaction with all final scripts, ready for the network; refuses with <c>psbt_not_final</c> when an input has none.</summary>
    public bool TryExtract([NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtFinalizer.TryExtract(this, out transaction, out refusal);

    /// <summary>What the inputs bring beyond the outputs, in satoshis, 0 or more. Refuses when a UTXO is missing or the outputs are greater.</summary>
    public bool TryComputeFee(out long feeSat, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        feeSat = 0;
        int missing = Array.IndexOf(_prevouts, null);
        if (missing >= 0)
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMissingUtxo, $"Without the UTXO of input {missing} there is no fee.");
            return false;
        }

        refusal = null;
        if (!Transaction.TrySum(_prevouts!, out long broughtSat))
        {
            refusal = new BitcoinRefusal(RefusalCodes.TransactionAmountOutOfRange, $"The inputs sum to more than {TxOut.MaximumAmountSat} sat.");
        }
        else if (broughtSat < UnsignedTransaction.TotalOutputSat)
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtFeeNegative, $"Inputs of {broughtSat} sat cannot pay {UnsignedTransaction.TotalOutputSat} sat.");
        }

        feeSat = refusal is null ? broughtSat - UnsignedTransaction.TotalOutputSat : 0;
        return refusal is null;
    }

    /// <summary>The binary form.</summary>
    public byte[] ToBytes()
    {
        ByteWriter writer = new();
        writer.WriteBytes(PsbtParser.Magic);
        _global.Write(writer);
        foreach (PsbtMap map in (PsbtMap[])[.. _inputs, .. _outputs])
        {
            map.Write(writer);
        }

        return writer.ToArray();
    }

    /// <summary>The base64 form, on one line.</summary>
    public string ToBase64() => Convert.ToBase64String(ToBytes());

    public bool Equals(Psbt? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    public override bool Equals(object? obj) => Equals(obj as Psbt);

    public override int GetHashCode() => UnsignedTransaction.GetHashCode();

    internal Script FinalScriptSig(int input) =>
        InputMap(input).TryGet(InputKeyType.FinalScriptSig, out ReadOnlySpan<byte> script) ? Script.From(script) : Script.Empty;

    internal Witness FinalWitness(int input)
    {
        ByteReader reader = new(InputMap(input).TryGet(InputKeyType.FinalScriptWitness, out ReadOnlySpan<byte> encoded) ? encoded : [0]);
        return Witness.TryRead(ref reader, out Witness witness) ? witness : throw new InvalidOperationException("The parser let an unreadable witness in.");
    }

    internal bool HasTapKeySignature(int input) => InputMap(input).TryGet(InputKeyType.TapKeySignature, out _);

    internal Bytes32? TapMerkleRoot(int input) =>
        InputMap(input).TryGet(InputKeyType.TapMerkleRoot, out ReadOnlySpan<byte> root) ? FixedBytes.From<Bytes32>(root) : null;

    internal Bytes32? TapInternalKey(int input) =>
        InputMap(input).TryGet(InputKeyType.TapInternalKey, out ReadOnlySpan<byte> key) ? FixedBytes.From<Bytes32>(key) : null;

    /// <summary>The hash type that the input demands, the default where it demands none; refuses one that BIP-0341 does not define.</summary>
    internal bool TryGetSighashType(int input, out SighashType type, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        uint demanded = DemandedSighashType(input) ?? (uint)SighashType.Default;
        bool isValid = demanded <= byte.MaxValue && ((SighashType)demanded).IsValid();
        type = isValid ? (SighashType)demanded : default;
        refusal = isValid
            ? null
            : new BitcoinRefusal(RefusalCodes.PsbtSighashTypeInvalid, $"Input {input} demands the hash type 0x{demanded:x}, which taproot lacks.");
        return isValid;
    }

    internal bool AcceptsSighashType(int input, SighashType type) => DemandedSighashType(input) is not { } demanded || demanded == (uint)type;

    internal Psbt WithMaps(PsbtMap[] inputs, PsbtMap[] outputs) => new(UnsignedTransaction, _global, inputs, outputs, _prevouts);

    private static PsbtMap NewInput(TxOut prevout, XOnlyPublicKey? internalKey)
    {
        ByteWriter utxo = new();
        utxo.WriteTxOut(prevout);
        PsbtMap map = PsbtMap.Empty.With(InputKeyType.WitnessUtxo, utxo.Written);
        return internalKey is { } key ? map.With(InputKeyType.TapInternalKey, key.ToBytes().AsSpan()) : map;
    }

    private PsbtMap InputMap(int input)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(input);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(input, _inputs.Length);
        return _inputs[input];
    }

    private uint? DemandedSighashType(int input) =>
        InputMap(input).TryGet(InputKeyType.SighashType, out ReadOnlySpan<byte> value) ? BinaryPrimitives.ReadUInt32LittleEndian(value) : null;

    private Psbt WithInput(int input, ulong type, ReadOnlySpan<byte> value)
    {
        PsbtMap changed = InputMap(input).With(type, value);
        PsbtMap[] inputs = [.. _inputs];
        inputs[input] = changed;
        return WithMaps(inputs, _outputs);
    }
}
