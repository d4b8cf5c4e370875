using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What a payment has become with the group's signatures.</summary>
/// <param name="Psbt">Final when nothing is missing, else with the signatures in their fields.</param>
/// <param name="Transaction">Ready for the network; null while others have to sign, or when it is not known what an input spends.</param>
public sealed record SignedPsbt(Psbt Psbt, Transaction? Transaction);

/// <summary>The finalizer and extractor roles of BIP-0174 for key-path spends.</summary>
internal static class PsbtFinalizer
{
    public static bool TrySign(Psbt psbt, [NotNullWhen(true)] out SignedPsbt? signed, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = PsbtSignatures.FirstInvalid(psbt);
        bool isComplete = psbt.Inputs.All(static input => input.IsFinal() || input.HasTapKeySignature());
        Psbt result = refusal is null && isComplete ? Finalize(psbt) : psbt;
        signed = refusal is null ? new SignedPsbt(result, Extract(result)) : null;
        return signed is not null;
    }

    public static bool TryFinalize(Psbt psbt, [NotNullWhen(true)] out Psbt? finalized, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        PsbtSignatures signatures = new(psbt);
        refusal = psbt.Inputs.Select((input, index) => input.IsFinal() ? null : signatures.CheckKeySignature(index, out _))
            .FirstOrDefault(static refusal => refusal is not null);
        finalized = refusal is null ? Finalize(psbt) : null;
        return finalized is not null;
    }

    public static bool TryExtract(Psbt psbt, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        transaction = null;
        refusal = FirstInput(psbt, static (psbt, index) => !psbt.IsFinal(index), RefusalCodes.PsbtNotFinal, "is not final")
            ?? FirstInput(
                psbt, static (psbt, index) => psbt.Prevouts[index] is null, RefusalCodes.PsbtMissingUtxo, "has no UTXO: nobody can judge its scripts");
        if (refusal is not null)
        {
            return false;
        }

        Transaction signed = WithFinalScripts(psbt);
        refusal = new ScriptInterpreter(signed, psbt.Prevouts).FirstFault() is var (input, fault)
            ? new BitcoinRefusal(RefusalCodes.PsbtInvalidSignature, $"The network would refuse the scripts of input {input} ({fault}).")
            : null;
        transaction = refusal is null ? signed : null;
        return transaction is not null;
    }

    /// <summary>The transaction with the final scripts of those inputs that have them.</summary>
    public static Transaction WithFinalScripts(Psbt psbt)
    {
        Transaction unsigned = psbt.UnsignedTransaction;
        return new Transaction(
            unsigned.Version,
            unsigned.Inputs.Zip(psbt.Inputs, static (input, map) => input with { ScriptSig = map.FinalScriptSig(), Witness = map.FinalWitness() }),
            unsigned.Outputs,
            unsigned.LockTime);
    }

    private static Transaction? Extract(Psbt psbt)
    {
        if (TryExtract(psbt, out Transaction? transaction, out BitcoinRefusal? refusal) || refusal.Code != RefusalCodes.PsbtInvalidSignature)
        {
            return transaction;
        }

        throw new InvalidOperationException($"Every signature verified, and the transaction is not valid all the same: {refusal.Message}");
    }

    private static Psbt Finalize(Psbt psbt) => psbt.WithMaps(
        [
            .. psbt.Inputs.Select(static input => !input.IsFinal() && input.TryGet(InputKeyType.TapKeySignature, out ReadOnlySpan<byte> signature)
                ? input.Where(InputKeyType.OutlivesSigning)
                    .With(InputKeyType.FinalScriptWitness, Witness.FromItems(signature.ToArray()).AsEncodedSpan())
                : input),
        ],
        [.. psbt.Outputs.Select(static output => output.Where(static type => type != OutputKeyType.TapBip32Derivation))]);

    private static BitcoinRefusal? FirstInput(Psbt psbt, Func<Psbt, int, bool> isWrong, string code, string what)
    {
        int first = Enumerable.Range(0, psbt.Inputs.Count).FirstOrDefault(index => isWrong(psbt, index), -1);
        return first < 0 ? null : new BitcoinRefusal(code, $"Input {first} {what}.");
    }
}
