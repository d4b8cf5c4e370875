using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Covenants;

/// <summary>
/// The transaction that spends a covenant: one input, version 2, and a sequence under which lock times count and the fee can be raised. Immutable, equal by
/// value.
/// </summary>
public sealed record CovenantPlan
{
    /// <summary>Enables nLockTime and signals replaceability (BIP-0125), without a relative lock time (BIP-0068).</summary>
    public const uint Sequence = 0xFFFF_FFFD;

    /// <summary>
    /// What an output that only serves to raise the fee later has: the dust limit of a taproot output. No output has less, and none less than its own limit.
    /// </summary>
    public const long AnchorSat = 330;

    /// <summary>With more, the transaction would come near to what nodes relay.</summary>
    public const int MaximumOutputs = 1_000;

    private const int Version = 2;

    private CovenantPlan(Transaction unsigned, long amountSat)
    {
        Unsigned = unsigned;
        AmountSat = amountSat;
    }

    /// <summary>Its txid is final.</summary>
    public Transaction Unsigned { get; }

    /// <summary>What the covenant has, in satoshis.</summary>
    public long AmountSat { get; }

    /// <summary>1 or more.</summary>
    public long FeeSat => AmountSat - Unsigned.TotalOutputSat;

    /// <summary>
    /// Refuses the null outpoint (<c>covenant_null_outpoint</c>), amounts and sums out of range (<c>transaction_amount_out_of_range</c>), no outputs
    /// (<c>covenant_no_outputs</c>) or too many (<c>covenant_too_many_outputs</c>), an output to anything but a usual address or anchor
    /// (<c>covenant_output_script_unknown</c>) or with dust (<c>covenant_output_dust</c>), a lock time that is not a height
    /// (<c>covenant_lock_time_not_height</c>), and a fee below 1 sat (<c>covenant_fee_too_low</c>).
    /// </summary>
    /// <param name="covenant">The output of the covenant.</param>
    /// <param name="amountSat">What it has; the signatures commit to it.</param>
    /// <param name="outputs">In the order of the transaction.</param>
    /// <param name="lockHeight">The height of the last block before the transaction can be mined.</param>
    public static bool TryCreate(
        OutPoint covenant,
        long amountSat,
        IReadOnlyList<(Script ScriptPubKey, long AmountSat)> outputs,
        uint lockHeight,
        [NotNullWhen(true)] out CovenantPlan? plan,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = CheckFrame(covenant, amountSat, outputs.Count, lockHeight)
            ?? outputs.Select(CheckOutput).FirstOrDefault(static broken => broken is not null)
            ?? CheckSum(amountSat, outputs.Select(static output => output.AmountSat));
        plan = refusal is null
            ? new CovenantPlan(
                new Transaction(
                    Version, [new TxIn(covenant, Sequence)], outputs.Select(static output => new TxOut(output.AmountSat, output.ScriptPubKey)), lockHeight),
                amountSat)
            : null;
        return plan is not null;
    }

    private static BitcoinRefusal? CheckFrame(OutPoint covenant, long amountSat, int outputs, uint lockHeight) =>
        covenant.IsNull ? new BitcoinRefusal(RefusalCodes.CovenantNullOutPoint, "The plan spends the null outpoint, which only a coinbase does.")
        : !TxOut.IsAmount(amountSat) ? AmountOutOfRange($"The covenant has {amountSat} sat")
        : outputs == 0 ? new BitcoinRefusal(RefusalCodes.CovenantNoOutputs, "The plan pays nobody: it has no outputs.")
        : outputs > MaximumOutputs ? new BitcoinRefusal(RefusalCodes.CovenantTooManyOutputs, $"{outputs} outputs are more than {MaximumOutputs}.")
        : lockHeight >= CovenantTemplate.HeightLimit
            ? new BitcoinRefusal(RefusalCodes.CovenantLockTimeNotHeight, $"The lock time {lockHeight} is no height: {CovenantTemplate.HeightLimit} begins the times.")
        : null;

    private static BitcoinRefusal? CheckOutput((Script ScriptPubKey, long AmountSat) output, int index)
    {
        if (!TxOut.IsAmount(output.AmountSat))
        {
            return AmountOutOfRange($"Output {index} has {output.AmountSat} sat");
        }

        if (!IsUsual(output.ScriptPubKey))
        {
            return new BitcoinRefusal(RefusalCodes.CovenantOutputScriptUnknown, $"Output {index} pays to a script that is no usual address and no anchor.");
        }

        long leastSat = Math.Max(AnchorSat, new TxOut(output.AmountSat, output.ScriptPubKey).DustLimitSat);
        return output.AmountSat >= leastSat
            ? null
            : new BitcoinRefusal(RefusalCodes.CovenantOutputDust, $"Output {index} has {output.AmountSat} sat, and the least is {leastSat} sat.");
    }

    private static BitcoinRefusal? CheckSum(long amountSat, IEnumerable<long> outputsSat)
    {
        // At most a thousand amounts, each in range: the sum is far below 2^63.
        long paidSat = outputsSat.Sum();
        return !TxOut.IsAmount(paidSat) ? AmountOutOfRange($"The outputs sum to {paidSat} sat")
            : paidSat >= amountSat ? new BitcoinRefusal(RefusalCodes.CovenantFeeTooLow, $"Of {amountSat} sat, outputs of {paidSat} sat leave no fee.")
            : null;
    }

    // P2PKH, P2SH, P2WPKH, P2WSH, P2TR to a key that is one, and pay-to-anchor. Coins sent to any other script are lost or anybody's.
    private static bool IsUsual(Script script) => script.AsSpan() switch
    {
        [0x76, 0xa9, 0x14, .., 0x88, 0xac] => script.Length == 25,
        [0xa9, 0x14, .., 0x87] => script.Length == 23,
        [0x00, 0x14, ..] => script.Length == 22,
        [0x00, 0x20, ..] => script.Length == 34,
        [0x51, 0x02, 0x4e, 0x73] => true,
        _ => script.TryGetTaprootProgram(out Bytes32 program) && XOnlyPublicKey.TryParse(program.AsSpan(), out _),
    };

    private static BitcoinRefusal AmountOutOfRange(string what) =>
        new(RefusalCodes.TransactionAmountOutOfRange, $"{what}, which is not in 0..{TxOut.MaximumAmountSat}.");
}
