namespace SignerCluster.Bitcoin.Spending;

/// <summary>Counts signature operations as BIP-0141 has it: those outside of witnesses cost four.</summary>
internal static class SigOps
{
    private const long WitnessScale = 4;

    public static long CostOf(NBitcoin.TxIn input, NBitcoin.Script spent)
    {
        NBitcoin.Script? redeem = spent.IsScriptType(NBitcoin.ScriptType.P2SH) ? LastPush(input.ScriptSig) : null;
        long legacy = input.ScriptSig.GetSigOpCount(false) + spent.GetSigOpCount(false) + (redeem?.GetSigOpCount(true) ?? 0);
        return (WitnessScale * legacy) + WitnessCost(input.WitScript, redeem ?? spent);
    }

    private static long WitnessCost(NBitcoin.WitScript witness, NBitcoin.Script program) =>
        program.IsScriptType(NBitcoin.ScriptType.P2WPKH) ? 1
        : program.IsScriptType(NBitcoin.ScriptType.P2WSH) && witness.PushCount > 0 ? new NBitcoin.Script(witness[witness.PushCount - 1]).GetSigOpCount(true)
        : 0;

    private static NBitcoin.Script? LastPush(NBitcoin.Script scriptSig) =>
        scriptSig.ToOps().LastOrDefault()?.PushData is { } push ? new NBitcoin.Script(push) : null;
}
