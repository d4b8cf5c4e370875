using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>What a request for signatures takes from its group, as everybody computes it for himself.</summary>
/// <param name="Txid">Of the transaction, in the byte order of the protocol.</param>
/// <param name="Debit">Satoshis, the fee included.</param>
/// <param name="IsWhole">Do all its signatures bind the whole transaction? Otherwise its txid and amounts prove nothing.</param>
public sealed record WithdrawalClaim(Bytes32 Txid, ulong Debit, bool IsWhole)
{
    /// <summary>Refuses whatever could not be signed anyway, before anything is paid for it; and what is no PSBT, which takes nobody knows what.</summary>
    public static bool TryMake(
        Standing standing, SigningRequest request, [NotNullWhen(true)] out WithdrawalClaim? claim, [NotNullWhen(false)] out Refusal? refusal)
    {
        claim = null;
        // How much was spent on the day is the guardian's to say, and to judge before it accepts this too.
        refusal = RequestPolicy.CheckGroup(standing, request.Group)
            ?? RequestPolicy.Check(standing with { SpentToday = standing.SpentToday ?? 0 }, request, isClaimed: true, out claim)
            ?? (claim is { IsWhole: true } ? null : GuardianRefusals.NotWhole);
        return refusal is null;
    }

    internal static WithdrawalClaim Of(Psbt psbt, XOnlyPublicKey groupKey, KeyPathInputs inputs) => new(
        psbt.UnsignedTransaction.Txid.InternalOrder,
        psbt.OutflowOf(groupKey, inputs),
        inputs.ToSign.All(static input => input.CommitsToWholeTransaction));

    /// <summary>Is it the withdrawal that the guardian has accepted?</summary>
    internal Refusal? Check(GuardianRecord.WithdrawalAccepted accepted) => this switch
    {
        { IsWhole: false } => GuardianRefusals.NotWhole,
        _ when Txid != accepted.Txid || Debit != accepted.Debit => GuardianRefusals.Conflict(accepted, Txid, Debit),
        _ => null,
    };
}
