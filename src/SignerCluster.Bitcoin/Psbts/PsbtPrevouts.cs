using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Finds the output that each input spends, as far as its map tells.</summary>
internal static class PsbtPrevouts
{
    /// <summary>One entry per input, null where the map has no UTXO. Refuses a UTXO that contradicts the outpoint or the other UTXO field.</summary>
    public static bool TryResolve(
        Transaction unsigned, PsbtMap[] inputs, out TxOut?[] prevouts, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        prevouts = new TxOut?[inputs.Length];
        refusal = null;
        for (int index = 0; index < inputs.Length; index++)
        {
            TxOut? whole = null;
            TxOut? witness = null;
            if ((inputs[index].TryGet(InputKeyType.NonWitnessUtxo, out ReadOnlySpan<byte> transaction)
                    && !TryResolveTransaction(index, unsigned.Inputs[index].PreviousOutput, transaction, out whole, out refusal))
                || (inputs[index].TryGet(InputKeyType.WitnessUtxo, out ReadOnlySpan<byte> output) && !TryReadOutput(index, output, out witness, out refusal)))
            {
                return false;
            }

            if (whole is not null && witness is not null && whole != witness)
            {
                refusal = new BitcoinRefusal(RefusalCodes.PsbtUtxoMismatch, $"The two UTXO fields of input {index} contradict each other.");
                return false;
            }

            prevouts[index] = whole ?? witness;
        }

        return true;
    }

    private static bool TryResolveTransaction(
        int index, OutPoint outPoint, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TxOut? prevout, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        prevout = null;
        if (!Transaction.TryParse(bytes, out Transaction? transaction, out BitcoinRefusal? inner))
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The non-witness UTXO of input {index} is not a transaction: {inner.Message}");
            return false;
        }

        if (transaction.Txid != outPoint.Txid || outPoint.Index >= transaction.Outputs.Count)
        {
            refusal = new BitcoinRefusal(
                RefusalCodes.PsbtUtxoMismatch,
                $"Input {index} spends {outPoint}, and its non-witness UTXO is {transaction.Txid} with {transaction.Outputs.Count} outputs.");
            return false;
        }

        prevout = transaction.Outputs[(int)outPoint.Index];
        refusal = null;
        return true;
    }

    private static bool TryReadOutput(
        int index, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TxOut? prevout, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        ByteReader reader = new(bytes);
        BitcoinRefusal? inner = null;
        bool isOutput = TransactionParser.TryReadOutput(ref reader, out prevout, ref inner) && reader.Remaining == 0;
        refusal = isOutput
            ? null
            : new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The witness UTXO of input {index} is not exactly one output. {inner?.Message}".TrimEnd());
        return isOutput && prevout is not null;
    }
}
