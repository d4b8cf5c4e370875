using System.Runtime.InteropServices;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Transactions;

/// <summary>
/// A transaction hash (a txid, or a wtxid where so named). Held in the order in which it is hashed and serialised; its text is the reversed
/// hex that people and explorers use.
/// </summary>
public readonly record struct Txid(Bytes32 InternalOrder)
{
    /// <summary>Parses 64 hex digits in display order, of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> displayHex, out Txid txid)
    {
        bool parsed = FixedBytes.TryParseHex(displayHex, out Bytes32 display);
        txid = parsed ? new Txid(Reverse(display)) : default;
        return parsed;
    }

    public override string ToString() => Reverse(InternalOrder).ToString();

    private static Bytes32 Reverse(Bytes32 bytes)
    {
        ((Span<byte>)bytes).Reverse();
        return bytes;
    }
}

/// <summary>Output <paramref name="Index"/> of the transaction <paramref name="Txid"/>.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OutPoint(Txid Txid, uint Index)
{
    /// <summary>Is this what the input of a coinbase has in the place of an output?</summary>
    internal bool IsNull => Txid == default && Index == uint.MaxValue;

    public override string ToString() => $"{Txid}:{Index}";
}

/// <summary>An input of a transaction; <paramref name="Witness"/> is empty where there is none.</summary>
public sealed record TxIn(OutPoint PreviousOutput, Script ScriptSig, uint Sequence, Witness Witness)
{
    /// <summary>An input that is not signed yet.</summary>
    public TxIn(OutPoint previousOutput, uint sequence = uint.MaxValue)
        : this(previousOutput, Script.Empty, sequence, Witness.Empty)
    {
    }
}

/// <summary>
/// An output of a transaction. The amount is in 0..<see cref="MaximumAmountSat"/>; the constructor throws <see cref="ArgumentOutOfRangeException"/> outside.
/// </summary>
public sealed record TxOut
{
    /// <summary>21 million bitcoin in satoshis: no amount and no sum of amounts in a valid transaction is greater.</summary>
    public const long MaximumAmountSat = 2_100_000_000_000_000;

    public TxOut(long amountSat, Script scriptPubKey)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amountSat);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amountSat, MaximumAmountSat);
        AmountSat = amountSat;
        ScriptPubKey = scriptPubKey;
    }

    public long AmountSat { get; }

    public Script ScriptPubKey { get; }

    /// <summary>
    /// With less than this most nodes do not relay the output: three times the bytes that it and its spending cost (Bitcoin Core's <c>dustrelayfee</c>).
    /// 0 for outputs that nobody can spend.
    /// </summary>
    public long DustLimitSat
    {
        get
        {
            const int opReturn = 0x6a;
            const int amountBytes = 8;
            (int lengthBytes, int spendBytes) = (ScriptPubKey.Length < 253 ? 1 : 3, ScriptPubKey.TryGetWitnessProgram(out _, out _) ? 67 : 148);
            return ScriptPubKey.AsSpan() is [opReturn, ..] ? 0 : 3L * (amountBytes + lengthBytes + ScriptPubKey.Length + spendBytes);
        }
    }

    internal static bool IsAmount(long amountSat) => amountSat is >= 0 and <= MaximumAmountSat;
}
