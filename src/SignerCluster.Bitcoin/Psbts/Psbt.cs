using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>
/// A partially signed transaction of version 0 or 2 (BIP-0174 and BIP-0370, with the fields of BIP-0371 and BIP-0373). Immutable: every change
/// returns a new one, in the same version. Unknown and proprietary pairs are kept and written back, in the order in which they were read. Equal by
/// bytes.
/// </summary>
public sealed class Psbt : IEquatable<Psbt>
{
    /// <summary>A binary PSBT longer than this is refused; the memory that a hostile one costs is about thirty times its length.</summary>
    public const int MaximumBytes = 8 * 1024 * 1024;

    private readonly PsbtMap _global;
    private readonly PsbtMap[] _inputs;
    private readonly PsbtMap[] _outputs;
    private readonly TxOut?[] _prevouts;
    private readonly Lazy<byte[]> _bytes;

    internal Psbt(int version, Transaction unsigned, PsbtMap global, PsbtMap[] inputs, PsbtMap[] outputs, TxOut?[] prevouts, byte[]? file = null)
    {
        Version = version;
        UnsignedTransaction = unsigned;
        _global = global;
        _inputs = inputs;
        _outputs = outputs;
        _prevouts = prevouts;
        // What was read is kept, so that it is told apart, and given back, by the very bytes that the caller sent.
        _bytes = file is null ? new Lazy<byte[]>(Write) : new Lazy<byte[]>(file);
    }

    /// <summary>0 or 2.</summary>
    public int Version { get; }

    /// <summary>The SHA-256 of the binary form: what <c>sha256sum</c> prints for the file. The same payment in base64 has the same id.</summary>
    public Bytes32 Id => FixedBytes.From<Bytes32>(SHA256.HashData(_bytes.Value));

    /// <summary>The transaction to sign. Its txid is final, as signatures of segwit inputs do not change it.</summary>
    public Transaction UnsignedTransaction { get; }

    /// <summary>What input i spends; null where the PSBT does not tell.</summary>
    public IReadOnlyList<TxOut?> Prevouts => _prevouts;

    /// <summary>The virtual bytes of the finished transaction: exact when all inputs are final, else what the signatures still to come will add.</summary>
    public long VirtualSize => PaymentSize.VirtualSize(this);

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
    /// Makes a version 0 PSBT that spends <paramref name="prevouts"/>[i] in input i and states an internal key where one is given. Throws
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
        return new Psbt(0, unsigned, global, inputs, outputs, [.. prevouts]);
    }

    /// <summary>
    /// Sorts the inputs by what they are to a group: its key, or a child of it that the input's PSBT_IN_TAP_BIP32_DERIVATION names and that deriving it
    /// proves, is the internal key, with the input's merkle root or without one. A derived input without that field is foreign. Refuses with
    /// <c>psbt_foreign_key</c> when none is the group's, <c>psbt_already_signed</c> when all of them have signatures, <c>psbt_missing_utxo</c>
    /// when a hash commits to an output that the PSBT does not give, <c>psbt_key_contradiction</c> when an input's stated internal key and its
    /// output disagree about the group, <c>psbt_sighash_type_invalid</c> or <c>sighash_single_without_output</c> when no hash exists.
    /// </summary>
    public bool TryFindKeyPathInputs(
        XOnlyPublicKey groupKey, [NotNullWhen(true)] out KeyPathInputs? found, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        new KeyPathSearch(this, groupKey).TryRun(out found, out refusal);

    /// <summary>
    /// As <see cref="TryFindKeyPathInputs"/>, and refuses what no network would take or nobody should pay: no inputs or outputs, an outpoint that is null
    /// or spent twice, more inputs than the limit, sums out of range, a signature or final script that is already there and does not hold
    /// (<c>psbt_invalid_signature</c>), outputs
    /// above the inputs (<c>psbt_fee_negative</c>) and fees above the limits. A fee is judged from what is known: hash types that leave inputs or
    /// outputs open excuse a negative fee, never one that is too high.
    /// </summary>
    public bool TryAccept(
        XOnlyPublicKey groupKey, PaymentLimits limits, [NotNullWhen(true)] out KeyPathInputs? found, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        // Signatures last: they cost more than all the rest, and whoever asks may have made them only for that.
        found = null;
        refusal = PaymentRules.FirstBroken(UnsignedTransaction, limits) ?? PaymentRules.CheckWeight(this);
        if (refusal is not null || !TryFindKeyPathInputs(groupKey, out found, out refusal))
        {
            refusal = refusal.Code == RefusalCodes.PsbtAlreadySigned ? PsbtSignatures.FirstInvalid(this) ?? refusal : refusal;
            return false;
        }

        refusal = PaymentRules.CheckFee(this, found, limits) ?? PsbtSignatures.FirstInvalid(this);
        found = refusal is null ? found : null;
        return found is not null;
    }

    /// <summary>
    /// The outputs that provably pay a group back, in the order of the transaction: those of its own key, and of children that the output's
    /// PSBT_OUT_TAP_BIP32_DERIVATION names and that deriving them proves, without a script tree beside the key. Everything else may be anybody's.
    /// </summary>
    public IReadOnlyList<ChangeOutput> FindChange(XOnlyPublicKey groupKey) => ChangeSearch.Run(this, groupKey);

    /// <summary>
    /// Adds the signatures of the given inputs and, when nothing else is missing, finalises and extracts. Refuses a signature that does not verify
    /// (<c>psbt_invalid_signature</c>). Throws <see cref="ArgumentException"/> and <see cref="InvalidOperationException"/> as
    /// <see cref="WithTapKeySignature"/> does, and the latter when the network would refuse a transaction in which every signature verified.
    /// </summary>
    public bool TrySign(
        IReadOnlyList<(KeyPathInput Input, Bytes64 Signature)> signatures,
        [NotNullWhen(true)] out SignedPsbt? signed,
        [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtFinalizer.TrySign(WithTapKeySignatures(signatures), out signed, out refusal);

    /// <summary>
    /// Sets the key-path signature of an input: 64 bytes on the wire for <see cref="SighashType.Default"/>, else 65. It is verified by
    /// <see cref="TryFinalize"/>. Throws <see cref="ArgumentException"/> for an undefined type or one that the input rules out, and
    /// <see cref="InvalidOperationException"/> for a final input.
    /// </summary>
    public Psbt WithTapKeySignature(int input, Bytes64 signature, SighashType type)
    {
        PsbtMap[] inputs = [.. _inputs];
        inputs[input] = WithSignature(input, signature, type);
        return WithMaps(WithModifiableFlags([type]), inputs, _outputs);
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

    /// <summary>Is the input final, or does it have a signature of anybody? None of them has been verified.</summary>
    public bool IsSigned(int input) => IsFinal(input) || InputMap(input).HasSignature();

    /// <summary>Is there a final scriptSig or witness that is not empty?</summary>
    public bool IsFinal(int input) => InputMap(input).IsFinal();

    /// <summary>
    /// Turns every key-path signature into the final witness and removes what BIP-0174 and BIP-0371 say; final inputs stay as they are.
    /// Refuses an input without a signature (<c>psbt_not_signed</c>), a hash type that the input rules out (<c>psbt_sighash_type_invalid</c>), and
    /// a signature that does not verify under the output spent (<c>psbt_invalid_signature</c>).
    /// </summary>
    public bool TryFinalize([NotNullWhen(true)] out Psbt? finalized, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtFinalizer.TryFinalize(this, out finalized, out refusal);

    /// <summary>
    /// The transaction with all final scripts, ready for the network. Refuses with <c>psbt_not_final</c> when an input has none,
    /// <c>psbt_missing_utxo</c> when it is not known what one spends, and <c>psbt_invalid_signature</c> when the interpreter with the standard flags
    /// does not accept the scripts of one.
    /// </summary>
    public bool TryExtract([NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        PsbtFinalizer.TryExtract(this, out transaction, out refusal);

    /// <summary>What the inputs bring beyond the outputs, in satoshis, 0 or more. Refuses when a UTXO is missing or the outputs are greater.</summary>
    public bool TryComputeFee(out long feeSat, [NotNullWhen(false)] out BitcoinRefusal? refusal) => PaymentRules.TryComputeFee(this, out feeSat, out refusal);

    /// <summary>The binary form.</summary>
    public byte[] ToBytes() => [.. _bytes.Value];

    /// <summary>The base64 form, on one line.</summary>
    public string ToBase64() => Convert.ToBase64String(_bytes.Value);

    public bool Equals(Psbt? other) => other is not null && _bytes.Value.AsSpan().SequenceEqual(other._bytes.Value);

    public override bool Equals(object? obj) => Equals(obj as Psbt);

    public override int GetHashCode() => UnsignedTransaction.GetHashCode();

    internal Psbt WithMaps(PsbtMap[] inputs, PsbtMap[] outputs) => WithMaps(_global, inputs, outputs);

    private Psbt WithMaps(PsbtMap global, PsbtMap[] inputs, PsbtMap[] outputs) => new(Version, UnsignedTransaction, global, inputs, outputs, _prevouts);

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

    private Psbt WithTapKeySignatures(IReadOnlyList<(KeyPathInput Input, Bytes64 Signature)> signatures)
    {
        PsbtMap[] inputs = [.. _inputs];
        foreach ((KeyPathInput input, Bytes64 signature) in signatures)
        {
            inputs[input.Index] = WithSignature(input.Index, signature, input.SighashType);
        }

        return WithMaps(WithModifiableFlags(signatures.Select(static pair => pair.Input.SighashType)), inputs, _outputs);
    }

    private PsbtMap WithSignature(int input, Bytes64 signature, SighashType type)
    {
        PsbtMap map = InputMap(input);
        if (!type.IsValid() || !map.AcceptsSighashType(type))
        {
            throw new ArgumentException($"Input {input} does not take the hash type 0x{(int)type:x2}.", nameof(type));
        }

        if (map.IsFinal())
        {
            throw new InvalidOperationException($"Input {input} is final.");
        }

        ReadOnlySpan<byte> suffix = type == SighashType.Default ? [] : [(byte)type];
        return map.With(InputKeyType.TapKeySignature, [.. signature.AsSpan(), .. suffix]);
    }

    // BIP-0370: a signer says what may still be changed without breaking its signatures. Without the field nothing may.
    private PsbtMap WithModifiableFlags(IEnumerable<SighashType> types)
    {
        const int inputs = 1;
        const int outputs = 2;
        const int hasSingle = 4;
        if (!_global.TryGet(GlobalKeyType.TransactionModifiable, out ReadOnlySpan<byte> value))
        {
            return _global;
        }

        int flags = value[0];
        foreach (SighashType type in types)
        {
            flags &= type.IsAnyoneCanPay() ? ~0 : ~inputs;
            flags &= type.IsNone() ? ~0 : ~outputs;
            flags |= type.IsSingle() ? hasSingle : 0;
        }

        return _global.With(GlobalKeyType.TransactionModifiable, [(byte)flags]);
    }

    private byte[] Write()
    {
        ByteWriter writer = new();
        writer.WriteBytes(PsbtParser.Magic);
        foreach (PsbtMap map in (PsbtMap[])[_global, .. _inputs, .. _outputs])
        {
            map.Write(writer);
        }

        return writer.ToArray();
    }

    private Psbt WithInput(int input, ulong type, ReadOnlySpan<byte> value)
    {
        PsbtMap changed = InputMap(input).With(type, value);
        PsbtMap[] inputs = [.. _inputs];
        inputs[input] = changed;
        return WithMaps(inputs, _outputs);
    }
}
