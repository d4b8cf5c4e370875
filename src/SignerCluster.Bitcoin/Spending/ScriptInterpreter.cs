using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Spending;

/// <summary>Judges the final scripts of a transaction as a node would before it relays: NBitcoin's interpreter with the standard flags.</summary>
internal sealed class ScriptInterpreter
{
    /// <summary>Bitcoin Core's MAX_STANDARD_TX_SIGOPS_COST: a fifth of what a whole block may have.</summary>
    public const long MaximumSigOpCost = 16_000;

    private readonly NBitcoin.TransactionValidator? _validator;
    private readonly bool[] _isKnown;

    private readonly Lazy<long> _sigOpCost;

    /// <param name="prevouts">What input i spends; null where that is not known.</param>
    public ScriptInterpreter(Transaction transaction, IReadOnlyList<TxOut?> prevouts)
    {
        _isKnown = [.. prevouts.Select(static prevout => prevout is not null)];
        NBitcoin.TxOut[] spent = [.. prevouts.Select(ToNBitcoin)];
        // No network reads a transaction without inputs, and there is nothing to judge in it.
        NBitcoin.Transaction? loaded = spent.Length == 0 ? null : NBitcoin.Transaction.Load(transaction.ToBytes(), NBitcoin.Network.Main);
        _validator = loaded?.CreateValidator(spent);
        _sigOpCost = new Lazy<long>(() => loaded is null ? 0 : loaded.Inputs.Select((input, index) => SigOps.CostOf(input, spent[index].ScriptPubKey)).Sum());
    }

    /// <summary>
    /// The signature operations of all inputs as BIP-0141 counts them, before any is carried out. Tapscripts have a budget of their own (BIP-0342), which the
    /// interpreter keeps.
    /// </summary>
    public long SigOpCost => _sigOpCost.Value;

    /// <summary>
    /// Why the network would refuse the scripts of an input; null when it takes them. The UTXO of the input must be known, for a taproot output those
    /// of all inputs.
    /// </summary>
    public string? FaultOf(int input)
    {
        if (!_isKnown[input])
        {
            throw new InvalidOperationException($"The UTXO of input {input} is not known.");
        }

        return _validator!.TryValidateInput(input, out NBitcoin.InputValidationResult? result) ? null : $"{result.Error}";
    }

    /// <summary>The first input, in their order, whose scripts the network would refuse, and why; null when it takes them all.</summary>
    public (int Input, string Fault)? FirstFault()
    {
        string?[] faults = new string?[_isKnown.Length];
        Parallel.For(0, faults.Length, input => faults[input] = FaultOf(input));
        int first = Array.FindIndex(faults, static fault => fault is not null);
        return first < 0 ? null : (first, faults[first]!);
    }

    private static NBitcoin.TxOut ToNBitcoin(TxOut? prevout) => prevout is null
        ? new NBitcoin.TxOut()
        : new NBitcoin.TxOut(NBitcoin.Money.Satoshis(prevout.AmountSat), NBitcoin.Script.FromBytesUnsafe(prevout.ScriptPubKey.AsSpan().ToArray()));
}
