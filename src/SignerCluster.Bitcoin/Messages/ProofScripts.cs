using NBitcoin;
using SignerCluster.Bitcoin.Transactions;
using Transaction = SignerCluster.Bitcoin.Transactions.Transaction;
using TxOut = SignerCluster.Bitcoin.Transactions.TxOut;

namespace SignerCluster.Bitcoin.Messages;

/// <summary>The rules of BIP-0322 for the scripts of a proof: the interpreter's standard flags, and signatures that commit to everything.</summary>
internal static class ProofScripts
{
    public static BitcoinRefusal? Check(Transaction toSign, TxOut spent)
    {
        NBitcoin.Transaction transaction = NBitcoin.Transaction.Load(toSign.ToBytes(), Network.Main);
        NBitcoin.TxOut output = new(Money.Satoshis(spent.AmountSat), NBitcoin.Script.FromBytesUnsafe(spent.ScriptPubKey.AsSpan().ToArray()));
        ScriptEvaluationContext context = new() { ScriptVerify = ScriptVerify.Standard };
        TransactionChecker checker = new(transaction, 0, output, transaction.PrecomputeTransactionData([output]));
        if (!context.VerifyScript(transaction.Inputs[0].ScriptSig, transaction.Inputs[0].WitScript, output.ScriptPubKey, checker))
        {
            string code = context.Error.ToString().StartsWith("Discourage", StringComparison.Ordinal)
                ? RefusalCodes.ProofInconclusive
                : RefusalCodes.ProofInvalid;
            return new BitcoinRefusal(code, $"The script of the address does not take the proof ({context.Error}).");
        }

        bool commits = spent.ScriptPubKey.TryGetTaprootProgram(out _)
            ? TaprootSignaturesCommit(toSign.Inputs[0].Witness)
            : context.SignedHashes.All(static signed => signed.Signature is TransactionSignature { SigHash: SigHash.All });
        return commits && !Scripts(toSign.Inputs[0].Witness).Any(HasCodeSeparator)
            ? null
            : new BitcoinRefusal(RefusalCodes.ProofInvalid, "A signature of the proof does not commit to all of it.");
    }

    // The interpreter does not tell which taproot signatures it saw. One that names its hash type has 65 bytes; on the script path the script and the control
    // block stand behind the signatures, and other data of that length is refused rather than trusted.
    private static bool TaprootSignaturesCommit(Witness witness) =>
        Enumerable.Range(0, witness.Count == 1 ? 1 : witness.Count - 2)
            .All(index => witness[index].Length != 65 || witness[index][64] == (byte)TaprootSigHash.All);

    // The script of a witness is its last item, or stands before the control block; a key or signature that is looked at too does no harm.
    private static IEnumerable<byte[]> Scripts(Witness witness) =>
        Enumerable.Range(Math.Max(0, witness.Count - 2), Math.Min(2, witness.Count)).Select(index => witness[index].ToArray());

    private static bool HasCodeSeparator(byte[] script) =>
        script.Length > 65 && NBitcoin.Script.FromBytesUnsafe(script).ToOps().Any(static op => op.Code == OpcodeType.OP_CODESEPARATOR);
}
