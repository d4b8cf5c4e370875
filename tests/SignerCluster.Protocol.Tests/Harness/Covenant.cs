using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>Covenants of a real group with people who hold whole keys, and everything about one request that is right by default.</summary>
internal static class Covenant
{
    internal const uint Maturity = 900_000;

    internal static Party Party { get; } = Party.Of(2, 3);

    internal static Script Payee { get; } = Taproot.ScriptPubKey(Withdrawal.IdentityOf("payee"));

    internal static CovenantTerms Terms(CovenantKind kind) => new(
        kind,
        Withdrawal.IdentityOf("depositor").ToBytes(),
        Party.Id.X,
        Maturity,
        1_008,
        kind == CovenantKind.QcV1 ? new CovenantCustodian(Withdrawal.IdentityOf("custodian").ToBytes(), 144) : null);

    internal static CovenantPayment Payment(CovenantBranch branch, long paidSat = 900_000) => new(
        Party.Hash("deposit").ToString(),
        1,
        1_000_000,
        branch,
        branch == CovenantBranch.Cooperative ? 0 : Maturity,
        Batch.Of([new CovenantOutput(Payee, paidSat), new CovenantOutput(Payee, CovenantPlan.AnchorSat)]));

    internal static CovenantSpend Spend(CovenantKind kind, CovenantPayment payment)
    {
        Assert.True(payment.TryMakeSpend(Terms(kind), PaymentLimits.Default, out CovenantSpend? spend, out Refusal? refusal), refusal?.ToString());
        return spend;
    }

    internal static Batch<Approval> Approvals(CovenantKind kind, CovenantPayment payment, params string[] people) => Batch.Of(
        (people.Length > 0 ? people : kind == CovenantKind.QcV1 ? ["depositor", "custodian"] : ["depositor"])
            .Select(person => Withdrawal.ApprovalOf(person, Party.Id, Spend(kind, payment).Plan.Unsigned.Txid)));

    internal static JobRequest Request(
        CovenantKind kind = CovenantKind.SelfV1, CovenantBranch branch = CovenantBranch.Matured, long paidSat = 900_000)
    {
        CovenantPayment payment = Payment(branch, paidSat);
        return new JobRequest(1, "reserve-1", 7, Terms(kind), payment, Approvals(kind, payment));
    }

    internal static SigningRequest Signing(JobRequest request) => new(
        Party.Id,
        Spend(request.Terms.Kind, request.Payment).Sighash,
        TweakList.None,
        new PolicyArtefact.CovenantPath(request.Terms, request.Payment, request.Approvals));

    internal static Bytes64 SignatureOf(string person, Bytes32 message)
    {
        using SigningKey key = KeyOf(person);
        return key.Sign(message.AsSpan(), Party.Hash("auxiliary").AsSpan());
    }

    private static SigningKey KeyOf(string person)
    {
        Assert.True(SecretScalar.TryParse(Party.Hash(person).AsSpan(), out SecretScalar? secret));
        using (secret)
        {
            return new SigningKey(secret);
        }
    }
}
