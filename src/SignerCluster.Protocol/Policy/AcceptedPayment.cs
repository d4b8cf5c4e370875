using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Policy;

/// <summary>What a policy judges of a payment that is well-formed and that the network would take. Amounts are in satoshis.</summary>
public sealed record AcceptedPayment
{
    private AcceptedPayment(Txid txid) => Txid = txid;

    public Txid Txid { get; }

    public IReadOnlyList<PaidOutput> Outputs { get; internal init; } = [];

    /// <summary>The inputs to be signed, each with what its signature binds.</summary>
    public IReadOnlyList<KeyPathInput> Signed { get; internal init; } = [];

    /// <summary>What the group's inputs bring, those included that are signed already.</summary>
    public IReadOnlyList<ulong> OwnSat { get; internal init; } = [];

    /// <summary>The inputs of others, as far as it is known what they spend.</summary>
    public IReadOnlyList<(int Index, Script Script)> Foreign { get; internal init; } = [];

    /// <summary>What is known of the fee; null where it cannot be counted in 64 bits.</summary>
    public ulong? FeeSat { get; internal init; }

    /// <summary>Of the finished transaction.</summary>
    public ulong VirtualBytes { get; internal init; }

    /// <summary>
    /// What the payment takes from the group: its inputs less the change, so the fee is in it. An output that the signatures leave open is no change: whoever
    /// holds them could pay it elsewhere. Null where it cannot be counted in 64 bits.
    /// </summary>
    public ulong? OutflowSat
    {
        get
        {
            bool isFixed = Signed.All(static input => input.CommitsToAllOutputs);
            ulong? own = Sum(OwnSat);
            ulong? change = Sum(Outputs.Where(output => isFixed && output.IsChange).Select(static output => output.AmountSat));
            return own is null || change is null ? null : own > change ? own - change : 0;
        }
    }

    /// <summary>Does every signature bind the whole transaction, so that its txid stands for what will happen?</summary>
    public bool IsFixed => Signed.All(static input => input.CommitsToWholeTransaction);

    /// <summary>The payment of a PSBT.</summary>
    /// <param name="inputs">As the PSBT's were sorted for the group.</param>
    /// <param name="signed">The numbers of those that are to be signed.</param>
    public static AcceptedPayment Of(Psbt psbt, KeyPathInputs inputs, IEnumerable<int> signed, XOnlyPublicKey groupKey)
    {
        Transaction transaction = psbt.UnsignedTransaction;
        HashSet<int> change = [.. psbt.FindChange(groupKey).Select(static output => output.Index)];
        HashSet<int> wanted = [.. signed];
        IEnumerable<int> own = inputs.ToSign.Select(static input => input.Index).Concat(inputs.AlreadySigned);
        ulong? known = Sum(psbt.Prevouts.OfType<TxOut>().Select(static prevout => (ulong)prevout.AmountSat));
        ulong paid = (ulong)transaction.TotalOutputSat;
        return new AcceptedPayment(transaction.Txid)
        {
            Outputs = [.. transaction.Outputs.Select((output, index) =>
                new PaidOutput(index, (ulong)output.AmountSat, output.ScriptPubKey, change.Contains(index)))],
            Signed = [.. inputs.ToSign.Where(input => wanted.Contains(input.Index))],
            OwnSat = [.. own.Select(index => (ulong)psbt.Prevouts[index]!.AmountSat)],
            Foreign = [.. inputs.Foreign.Select(index => (index, psbt.Prevouts[index]!.ScriptPubKey))],
            FeeSat = known is null || known > paid ? known - paid : 0,
            VirtualBytes = (ulong)psbt.VirtualSize,
        };
    }

    /// <summary>The spending of a covenant: all that it has leaves the group.</summary>
    public static AcceptedPayment Of(CovenantSpend spend) => new(spend.Plan.Unsigned.Txid)
    {
        Outputs = [.. spend.Plan.Unsigned.Outputs.Select(static (output, index) =>
            new PaidOutput(index, (ulong)output.AmountSat, output.ScriptPubKey, IsChange: false))],
        OwnSat = [(ulong)spend.Plan.AmountSat],
        FeeSat = (ulong)spend.Plan.FeeSat,
        VirtualBytes = (ulong)spend.VirtualSize,
    };

    /// <summary>Null instead of a sum that does not fit.</summary>
    private static ulong? Sum(IEnumerable<ulong> amounts)
    {
        ulong sum = 0;
        foreach (ulong amount in amounts)
        {
            if (amount > ulong.MaxValue - sum)
            {
                return null;
            }

            sum += amount;
        }

        return sum;
    }
}

/// <summary>An output of a payment.</summary>
/// <param name="IsChange">Does it provably pay the group back (<see cref="Psbt.FindChange"/>)?</param>
public sealed record PaidOutput(int Index, ulong AmountSat, Script Script, bool IsChange);
