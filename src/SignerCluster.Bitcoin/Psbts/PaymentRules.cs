using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What makes a transaction one that no node would take, or one that costs more than it should.</summary>
internal static class PaymentRules
{
    /// <summary>The first rule that the transaction breaks whatever it spends, the number of its inputs before all others; null when it keeps them.</summary>
    public static BitcoinRefusal? FirstBroken(Transaction unsigned, PaymentLimits limits)
    {
        if (unsigned.Inputs.Count > limits.MaximumInputs)
        {
            return new BitcoinRefusal(
                RefusalCodes.PsbtTooManyInputs, $"The transaction has {unsigned.Inputs.Count} inputs, and the limit is {limits.MaximumInputs}.");
        }

        if (unsigned.Inputs.Count == 0 || unsigned.Outputs.Count == 0)
        {
            return unsigned.Inputs.Count == 0
                ? new BitcoinRefusal(RefusalCodes.PsbtNoInputs, "The transaction spends nothing: it has no inputs.")
                : new BitcoinRefusal(RefusalCodes.PsbtNoOutputs, "The transaction pays nobody: it has no outputs.");
        }

        Dictionary<OutPoint, int> seen = new(unsigned.Inputs.Count);
        for (int index = 0; index < unsigned.Inputs.Count; index++)
        {
            OutPoint spent = unsigned.Inputs[index].PreviousOutput;
            if (spent.IsNull)
            {
                return new BitcoinRefusal(RefusalCodes.PsbtNullOutPoint, $"Input {index} spends the null outpoint, which only the input of a coinbase does.");
            }

            if (!seen.TryAdd(spent, index))
            {
                return new BitcoinRefusal(RefusalCodes.PsbtDuplicateOutPoint, $"Inputs {seen[spent]} and {index} both spend {spent}.");
            }
        }

        return null;
    }

    /// <summary>Refuses a transaction that no block has room for.</summary>
    public static BitcoinRefusal? CheckWeight(Psbt psbt)
    {
        const long maximumVirtualBytes = 1_000_000;
        return psbt.VirtualSize is var size and > maximumVirtualBytes
            ? new BitcoinRefusal(RefusalCodes.TransactionTooLarge, $"The transaction has {size} vB, and a block has {maximumVirtualBytes} (BIP-0141).")
            : null;
    }

    /// <summary>Refuses a fee that is negative for good, or above a limit by what is known.</summary>
    public static BitcoinRefusal? CheckFee(Psbt psbt, KeyPathInputs found, PaymentLimits limits)
    {
        if (!Transaction.TrySum(psbt.Prevouts.OfType<TxOut>(), out long knownSat))
        {
            return SumOutOfRange;
        }

        // UTXOs that are not known only add to the fee, and so do inputs that ANYONECANPAY lets others bring.
        long feeSat = knownSat - psbt.UnsignedTransaction.TotalOutputSat;
        bool isFixed = found.ToSign.Any(static input => !input.SighashType.IsAnyoneCanPay())
            && found.ToSign.Any(static input => input.SighashType.CommitsToAllOutputs());
        if (feeSat < 0)
        {
            return isFixed ? Negative(knownSat, psbt.UnsignedTransaction.TotalOutputSat) : null;
        }

        return CheckCost(feeSat, psbt.VirtualSize, limits);
    }

    /// <summary>Refuses a fee of 0 or more that is above a limit, as a whole or for the virtual bytes of the finished transaction.</summary>
    public static BitcoinRefusal? CheckCost(long feeSat, long size, PaymentLimits limits)
    {
        if (feeSat > limits.MaximumFeeSat)
        {
            return new BitcoinRefusal(RefusalCodes.PsbtFeeTooHigh, $"The fee is {feeSat} sat, and the limit is {limits.MaximumFeeSat} sat.");
        }

        return feeSat <= limits.MaximumSatPerVirtualByte * (Int128)size
            ? null
            : new BitcoinRefusal(
                RefusalCodes.PsbtFeeRateTooHigh,
                $"The fee is {feeSat} sat for {size} vB, {feeSat / size} sat/vB, and the limit is {limits.MaximumSatPerVirtualByte} sat/vB.");
    }

    public static bool TryComputeFee(Psbt psbt, out long feeSat, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        feeSat = 0;
        int missing = Enumerable.Range(0, psbt.Prevouts.Count).FirstOrDefault(index => psbt.Prevouts[index] is null, -1);
        if (missing >= 0)
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMissingUtxo, $"Without the UTXO of input {missing} there is no fee.");
            return false;
        }

        long paidSat = psbt.UnsignedTransaction.TotalOutputSat;
        refusal = !Transaction.TrySum(psbt.Prevouts!, out long broughtSat) ? SumOutOfRange
            : broughtSat < paidSat ? Negative(broughtSat, paidSat)
            : null;
        feeSat = refusal is null ? broughtSat - paidSat : 0;
        return refusal is null;
    }

    private static BitcoinRefusal SumOutOfRange { get; } =
        new(RefusalCodes.TransactionAmountOutOfRange, $"The inputs sum to more than {TxOut.MaximumAmountSat} sat.");

    private static BitcoinRefusal Negative(long broughtSat, long paidSat) =>
        new(RefusalCodes.PsbtFeeNegative, $"Inputs of {broughtSat} sat cannot pay {paidSat} sat.");
}
