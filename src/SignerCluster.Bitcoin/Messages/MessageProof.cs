using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Messages;

/// <summary>
/// BIP-0322: proof that whoever can spend from an address has signed a message. Simple and full proofs; a proof of funds is answered as inconclusive,
/// because only a node can tell whether the funds are there.
/// </summary>
public static class MessageProof
{
    private const string SimplePrefix = "smp";
    private const string FullPrefix = "ful";
    private const string FundsPrefix = "pof";
    private static readonly TaggedHash _messageHash = new("BIP0322-signed-message");
    private static readonly Script _opReturn = Script.From([0x6a]);

    /// <summary>
    /// Verifies a proof for the script of an address. <paramref name="times"/> says from when on it holds, when its script has time locks. Refuses with
    /// <c>proof_malformed</c>, <c>proof_invalid</c>, or <c>proof_inconclusive</c> for what later rules may give a meaning.
    /// </summary>
    public static bool TryVerify(
        Script scriptPubKey, string message, string proof, out ProofTimes times, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        times = default;
        Transaction toSpend = ToSpend(scriptPubKey, message);
        if (!TryRead(scriptPubKey, toSpend.Txid, proof, out Transaction? toSign, out refusal))
        {
            return false;
        }

        refusal = CheckForm(toSpend.Txid, toSign) ?? ProofScripts.Check(toSign, toSpend.Outputs[0]);
        times = new ProofTimes(toSign.LockTime, toSign.Inputs.Count == 0 ? 0 : toSign.Inputs[0].Sequence);
        return refusal is null;
    }

    /// <summary>The transaction whose input 0 is signed. It spends an output that does not exist, so it can never move money.</summary>
    internal static Transaction ToSign(Script scriptPubKey, string message, Witness witness) => ToSign(ToSpend(scriptPubKey, message).Txid, witness);

    /// <summary>The simple proof: the witness of the signed transaction.</summary>
    internal static string Simple(Transaction signed) => SimplePrefix + Convert.ToBase64String(signed.Inputs[0].Witness.AsEncodedSpan());

    /// <summary>The full proof: the signed transaction.</summary>
    internal static string Full(Transaction signed) => FullPrefix + Convert.ToBase64String(signed.ToBytes());

    private static Transaction ToSign(Txid spent, Witness witness) =>
        new(0, [new TxIn(new OutPoint(spent, 0), Script.Empty, 0, witness)], [new TxOut(0, _opReturn)], 0);

    private static Transaction ToSpend(Script scriptPubKey, string message)
    {
        Bytes32 hash = _messageHash.Compute(Encoding.UTF8.GetBytes(message));
        TxIn input = new(new OutPoint(default, uint.MaxValue), Script.From([0x00, 0x20, .. hash.AsSpan()]), 0, Witness.Empty);
        return new Transaction(0, [input], [new TxOut(0, scriptPubKey)], 0);
    }

    private static bool TryRead(
        Script scriptPubKey, Txid spent, string proof, [NotNullWhen(true)] out Transaction? toSign, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        toSign = null;
        refusal = null;
        string kind = proof.Length < 3 ? string.Empty : proof[..3];
        if (kind == FundsPrefix)
        {
            refusal = new BitcoinRefusal(RefusalCodes.ProofInconclusive, "Only a node can verify a proof of funds.");
            return false;
        }

        // Proofs that are older than the prefixes are simple.
        string base64 = kind is SimplePrefix or FullPrefix ? proof[3..] : proof;
        byte[] bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out int length) || length == 0)
        {
            refusal = new BitcoinRefusal(RefusalCodes.ProofMalformed, "The proof is not base64.");
            return false;
        }

        if (kind == FullPrefix)
        {
            bool parsed = Transaction.TryParse(bytes.AsSpan(0, length), out toSign, out BitcoinRefusal? inner);
            refusal = parsed ? null : new BitcoinRefusal(RefusalCodes.ProofMalformed, $"The full proof is no transaction: {inner!.Message}");
            return parsed;
        }

        ByteReader reader = new(bytes.AsSpan(0, length));
        if (!Witness.TryRead(ref reader, out Witness witness) || reader.Remaining != 0 || !scriptPubKey.TryGetWitnessProgram(out _, out _))
        {
            refusal = new BitcoinRefusal(RefusalCodes.ProofMalformed, "A simple proof is one witness stack, for a segwit address.");
            return false;
        }

        toSign = ToSign(spent, witness);
        return true;
    }

    private static BitcoinRefusal? CheckForm(Txid spent, Transaction toSign)
    {
        bool isForm = toSign.Inputs.Count == 1 && toSign.Inputs[0].PreviousOutput == new OutPoint(spent, 0)
            && toSign.Outputs.Count == 1 && toSign.Outputs[0] == new TxOut(0, _opReturn);
        if (!isForm)
        {
            return new BitcoinRefusal(RefusalCodes.ProofInvalid, "The proof is not one of this message and address.");
        }

        return toSign.Version is 0 or 2
            ? null
            : new BitcoinRefusal(RefusalCodes.ProofInconclusive, $"Nothing is known of proofs with transaction version {toSign.Version}.");
    }
}

/// <summary>From when on a proof with time locks holds: the lock time and the sequence of its transaction (BIP-0065, BIP-0068); 0 for at once.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ProofTimes(uint LockTime, uint Sequence);
