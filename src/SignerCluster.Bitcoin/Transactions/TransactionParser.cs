using System.Diagnostics.CodeAnalysis;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Transactions;

/// <summary>The parser behind <see cref="Transaction"/>. Every count is checked against the bytes that are left before it sizes anything.</summary>
internal static class TransactionParser
{
    internal const byte SegwitMarker = 0;
    internal const byte SegwitFlag = 1;

    private const int MinimumInputBytes = 32 + 4 + 1 + 4;
    private const int MinimumOutputBytes = 8 + 1;

    internal static bool TryParse(
        ReadOnlySpan<byte> bytes, bool allowWitness, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        transaction = null;
        if (bytes.Length > Transaction.MaximumBytes)
        {
            refusal = new BitcoinRefusal(RefusalCodes.TransactionTooLarge, $"A transaction has at most {Transaction.MaximumBytes} bytes, not {bytes.Length}.");
            return false;
        }

        ByteReader reader = new(bytes);
        Draft draft = new();
        refusal = null;
        if (!draft.TryRead(ref reader, allowWitness, ref refusal))
        {
            refusal ??= reader.IsTruncated
                ? new BitcoinRefusal(RefusalCodes.TransactionTruncated, $"The transaction ends in the middle of a field ({bytes.Length} bytes).")
                : new BitcoinRefusal(RefusalCodes.TransactionMalformed, $"A compact size before byte {reader.Position} is not the shortest.");
            return false;
        }

        if (reader.Remaining != 0)
        {
            refusal = new BitcoinRefusal(RefusalCodes.TransactionTrailingBytes, $"{reader.Remaining} bytes follow the transaction.");
            return false;
        }

        transaction = new Transaction(draft.Version, draft.Inputs, draft.Outputs, draft.LockTime);
        return true;
    }

    /// <summary>Reads one output from the front of the reader; a false without a refusal leaves the reason in the reader.</summary>
    internal static bool TryReadOutput(ref ByteReader reader, [NotNullWhen(true)] out TxOut? output, ref BitcoinRefusal? refusal)
    {
        output = null;
        if (!reader.TryReadInt64(out long amountSat) || !reader.TryReadVariableBytes(out ReadOnlySpan<byte> script))
        {
            return false;
        }

        if (!TxOut.IsAmount(amountSat))
        {
            refusal = new BitcoinRefusal(RefusalCodes.TransactionAmountOutOfRange, $"An amount of {amountSat} sat is not in 0..{TxOut.MaximumAmountSat}.");
            return false;
        }

        output = new TxOut(amountSat, Script.From(script));
        return true;
    }

    private sealed class Draft
    {
        public int Version { get; private set; }

        public TxIn[] Inputs { get; private set; } = [];

        public TxOut[] Outputs { get; private set; } = [];

        public uint LockTime { get; private set; }

        public bool TryRead(ref ByteReader reader, bool allowWitness, ref BitcoinRefusal? refusal)
        {
            if (!reader.TryReadUInt32(out uint version) || !TryReadMarker(ref reader, allowWitness, out bool hasWitness, ref refusal))
            {
                return false;
            }

            Version = unchecked((int)version);
            if (!TryReadInputs(ref reader)
                || !TryReadOutputs(ref reader, ref refusal)
                || (hasWitness && !TryReadWitnesses(ref reader, ref refusal))
                || !reader.TryReadUInt32(out uint lockTime))
            {
                return false;
            }

            LockTime = lockTime;
            return true;
        }

        private static bool TryReadMarker(ref ByteReader reader, bool allowWitness, out bool hasWitness, ref BitcoinRefusal? refusal)
        {
            hasWitness = false;
            ByteReader ahead = reader;
            if (!allowWitness || !ahead.TryReadByte(out byte marker) || !ahead.TryReadByte(out byte flag) || marker != SegwitMarker)
            {
                return true;
            }

            // A zero flag is not a flag but the number of outputs of a transaction without inputs.
            if (flag == 0)
            {
                return true;
            }

            if (flag != SegwitFlag)
            {
                refusal = new BitcoinRefusal(RefusalCodes.TransactionMalformed, $"The flag behind the segwit marker is {flag}, not 1.");
                return false;
            }

            hasWitness = true;
            reader = ahead;
            return true;
        }

        private bool TryReadInputs(ref ByteReader reader)
        {
            if (!reader.TryReadCount(MinimumInputBytes, out int count))
            {
                return false;
            }

            Inputs = new TxIn[count];
            for (int index = 0; index < count; index++)
            {
                if (!reader.TryReadBytes(32, out ReadOnlySpan<byte> txid)
                    || !reader.TryReadUInt32(out uint outputIndex)
                    || !reader.TryReadVariableBytes(out ReadOnlySpan<byte> scriptSig)
                    || !reader.TryReadUInt32(out uint sequence))
                {
                    return false;
                }

                OutPoint previousOutput = new(new Txid(FixedBytes.From<Bytes32>(txid)), outputIndex);
                Inputs[index] = new TxIn(previousOutput, Script.From(scriptSig), sequence, Witness.Empty);
            }

            return true;
        }

        private bool TryReadOutputs(ref ByteReader reader, ref BitcoinRefusal? refusal)
        {
            if (!reader.TryReadCount(MinimumOutputBytes, out int count))
            {
                return false;
            }

            TxOut[] outputs = new TxOut[count];
            for (int index = 0; index < count; index++)
            {
                if (!TryReadOutput(ref reader, out TxOut? output, ref refusal))
                {
                    return false;
                }

                outputs[index] = output;
            }

            if (!Transaction.TrySum(outputs, out _))
            {
                refusal = new BitcoinRefusal(RefusalCodes.TransactionAmountOutOfRange, $"The outputs sum to more than {TxOut.MaximumAmountSat} sat.");
                return false;
            }

            Outputs = outputs;
            return true;
        }

        private bool TryReadWitnesses(ref ByteReader reader, ref BitcoinRefusal? refusal)
        {
            bool any = false;
            for (int index = 0; index < Inputs.Length; index++)
            {
                if (!Witness.TryRead(ref reader, out Witness witness))
                {
                    return false;
                }

                any |= witness.Count > 0;
                Inputs[index] = Inputs[index] with { Witness = witness };
            }

            if (!any)
            {
                refusal = new BitcoinRefusal(RefusalCodes.TransactionMalformed, "The transaction has the segwit marker and no witness.");
            }

            return any;
        }
    }
}
