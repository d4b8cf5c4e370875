using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Where a PSBT keeps its unsigned transaction: whole in the global map (version 0), or field by field in all maps (version 2, BIP-0370).</summary>
internal static class PsbtTransaction
{
    /// <summary>The unsigned transaction of a version 0 PSBT, whose global map has kept its field rules.</summary>
    public static bool TryRead(PsbtMap global, [NotNullWhen(true)] out Transaction? unsigned, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        unsigned = null;
        if (!global.TryGet(GlobalKeyType.UnsignedTransaction, out ReadOnlySpan<byte> bytes))
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMissingTransaction, "The global map has no unsigned transaction.");
            return false;
        }

        if (!Transaction.TryParseWithoutWitness(bytes, out Transaction? parsed, out BitcoinRefusal? inner))
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The unsigned transaction is not one without witnesses: {inner.Message}");
            return false;
        }

        bool isUnsigned = parsed.Inputs.All(input => input.ScriptSig.Length == 0);
        unsigned = isUnsigned ? parsed : null;
        refusal = isUnsigned ? null : new BitcoinRefusal(RefusalCodes.PsbtTransactionSigned, "The unsigned transaction has a scriptSig.");
        return isUnsigned;
    }

    /// <summary>The number of maps that a version 2 PSBT announces; more than the bytes that are left can hold is a truncation.</summary>
    public static bool TryReadCount(
        PsbtMap global, ulong type, int leastBytes, int remainingBytes, out int count, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        count = 0;
        if (!global.TryGet(type, out ReadOnlySpan<byte> value))
        {
            refusal = Missing(type, "the global map");
            return false;
        }

        new ByteReader(value).TryReadCompactSize(out ulong announced);
        refusal = announced <= (ulong)(remainingBytes / leastBytes)
            ? null
            : new BitcoinRefusal(RefusalCodes.PsbtTruncated, $"The global map announces {announced} maps, and {remainingBytes} bytes follow.");
        count = refusal is null ? (int)announced : 0;
        return refusal is null;
    }

    /// <summary>The unsigned transaction of a version 2 PSBT, whose maps have kept their field rules.</summary>
    public static bool TryAssemble(
        PsbtMap global,
        PsbtMap[] inputs,
        PsbtMap[] outputs,
        [NotNullWhen(true)] out Transaction? unsigned,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        unsigned = null;
        if (!global.TryGet(GlobalKeyType.TransactionVersion, out ReadOnlySpan<byte> version))
        {
            refusal = Missing(GlobalKeyType.TransactionVersion, "the global map");
            return false;
        }

        refusal = FirstMissing(inputs, "input", InputKeyType.PreviousTxid, InputKeyType.OutputIndex)
            ?? FirstMissing(outputs, "output", OutputKeyType.Amount, OutputKeyType.Script);
        if (refusal is not null || !TryDetermineLockTime(global, inputs, out uint lockTime, out refusal))
        {
            return false;
        }

        TxOut[] paid = [.. outputs.Select(ToOutput)];
        if (!Transaction.TrySum(paid, out _))
        {
            refusal = new BitcoinRefusal(RefusalCodes.PsbtMalformed, $"The outputs sum to more than {TxOut.MaximumAmountSat} sat.");
            return false;
        }

        unsigned = new Transaction(BinaryPrimitives.ReadInt32LittleEndian(version), inputs.Select(ToInput), paid, lockTime);
        return true;
    }

    /// <summary>BIP-0370: the greatest of the kind of lock time that every input with one takes, heights before times; else the fallback.</summary>
    private static bool TryDetermineLockTime(PsbtMap global, PsbtMap[] inputs, out uint lockTime, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = null;
        lockTime = global.UInt32(GlobalKeyType.FallbackLockTime) ?? 0;
        (uint? Height, uint? Time)[] demanded =
        [
            .. inputs.Select(static map => (map.UInt32(InputKeyType.RequiredHeightLockTime), map.UInt32(InputKeyType.RequiredTimeLockTime)))
                .Where(static demand => demand is not (null, null)),
        ];
        if (demanded.Length == 0)
        {
            return true;
        }

        bool byHeight = Array.TrueForAll(demanded, static demand => demand.Height is not null);
        bool byTime = Array.TrueForAll(demanded, static demand => demand.Time is not null);
        lockTime = demanded.Max(demand => byHeight ? demand.Height : demand.Time) ?? 0;
        refusal = byHeight || byTime
            ? null
            : new BitcoinRefusal(RefusalCodes.PsbtLockTimeConflict, "Some inputs demand a height as lock time and others a time: no transaction serves both.");
        return refusal is null;
    }

    private static TxIn ToInput(PsbtMap map)
    {
        map.TryGet(InputKeyType.PreviousTxid, out ReadOnlySpan<byte> txid);
        OutPoint spent = new(new Txid(FixedBytes.From<Bytes32>(txid)), map.UInt32(InputKeyType.OutputIndex)!.Value);
        return new TxIn(spent, map.UInt32(InputKeyType.Sequence) ?? uint.MaxValue);
    }

    private static TxOut ToOutput(PsbtMap map)
    {
        map.TryGet(OutputKeyType.Amount, out ReadOnlySpan<byte> amount);
        map.TryGet(OutputKeyType.Script, out ReadOnlySpan<byte> script);
        return new TxOut(BinaryPrimitives.ReadInt64LittleEndian(amount), Script.From(script));
    }

    private static BitcoinRefusal? FirstMissing(PsbtMap[] maps, string kind, params ulong[] wanted)
    {
        for (int index = 0; index < maps.Length; index++)
        {
            foreach (ulong type in wanted)
            {
                if (!maps[index].TryGet(type, out _))
                {
                    return Missing(type, $"{kind} {index}");
                }
            }
        }

        return null;
    }

    private static BitcoinRefusal Missing(ulong type, string name) =>
        new(RefusalCodes.PsbtMissingField, $"A version 2 PSBT needs the field of type 0x{type:x2} in {name}.");
}
