using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Covenants;

/// <summary>What a seat signs for a covenant, and what it does not.</summary>
public sealed class CovenantSessionTests
{
    public static TheoryData<CovenantKind, CovenantBranch> Signed => new()
    {
        { CovenantKind.SelfV1, CovenantBranch.Cooperative },
        { CovenantKind.SelfV1, CovenantBranch.Matured },
        { CovenantKind.QcV1, CovenantBranch.Cooperative },
        { CovenantKind.QcV1, CovenantBranch.Matured },
    };

    /// <summary>Completing runs NBitcoin's interpreter over the transaction.</summary>
    [Theory]
    [MemberData(nameof(Signed))]
    public void A8_A_seat_opens_the_session_and_the_groups_signature_finishes_the_transaction(CovenantKind kind, CovenantBranch branch)
    {
        JobRequest request = Covenant.Request(kind, branch);
        SigningRequest signing = Covenant.Signing(request);
        SeatSpecification.For(Covenant.Party.With(signing)).When(new SeatRequest.Open(signing)).ThenAccepted();

        CovenantSpend spend = Covenant.Spend(kind, request.Payment);
        Dictionary<XOnlyPublicKey, Bytes64> signatures = spend.Leaf.Keys.ToDictionary(static key => key.Key, key => key.Role == CovenantRole.Signer
            ? Covenant.Party.With(signing).Signature().Single
            : Covenant.SignatureOf(key.Role.ToString().ToLowerInvariant(), spend.Sighash));
        Assert.True(spend.TryComplete(signatures, out Transaction? finished, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.True(spend.TryVerify(finished, out refusal), refusal?.ToString());
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "no approval of the depositor", "covenant_not_approved" },
        { "no approval of the custodian", "covenant_not_approved" },
        { "an approval of another transaction", "covenant_not_approved" },
        { "another message", "sighash_mismatch" },
        { "a tweak", "tweak_mismatch" },
        { "two messages", "sighash_mismatch" },
        { "a covenant of another group", "covenant_of_another_group" },
        { "a branch without the signer", "covenant_branch_without_signer" },
        { "a branch that is not open", "covenant_lock_time_too_early" },
        { "a fee above the ceiling", "psbt_fee_too_high" },
        { "a txid in upper case", "job_txid_invalid" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_seat_signs_nothing_that_the_covenant_and_its_people_do_not_allow(string what, string code)
    {
        JobRequest right = Covenant.Request(CovenantKind.QcV1);
        CovenantPayment payment = right.Payment;
        SigningRequest signing = Covenant.Signing(right);
        PolicyArtefact.CovenantPath artefact = (PolicyArtefact.CovenantPath)signing.Artefact;
        SigningRequest wrong = what switch
        {
            "no approval of the depositor" => With(artefact with { Approvals = Covenant.Approvals(CovenantKind.QcV1, payment, "custodian", "mallory") }),
            "no approval of the custodian" => With(artefact with { Approvals = Covenant.Approvals(CovenantKind.QcV1, payment, "depositor") }),
            "an approval of another transaction" => With(artefact with
            {
                Approvals = Covenant.Request(CovenantKind.QcV1, paidSat: 900_001).Approvals,
            }),
            "another message" => signing with { Message = Party.Hash("another") },
            "a tweak" => signing with { Tweaks = new TweakList(Party.Tweak(1)) },
            "two messages" => signing with { Message = Batch.Of([signing.Message[0], signing.Message[0]]) },
            "a covenant of another group" => With(artefact with { Terms = artefact.Terms with { Signer = Party.Of(2, 3, "another").Id.X } }),
            "a branch without the signer" => With(artefact with { Payment = payment with { Branch = CovenantBranch.WithoutSigner } }),
            "a branch that is not open" => With(artefact with { Payment = payment with { LockHeight = Covenant.Maturity - 1 } }),
            "a fee above the ceiling" => With(artefact with { Payment = payment with { AmountSat = 100_000_000 } }),
            _ => With(artefact with { Payment = payment with { Txid = payment.Txid.ToUpperInvariant() } }),
        };
        SeatSpecification.For(Covenant.Party.With(wrong)).When(new SeatRequest.Open(wrong)).ThenRefused(code);

        SigningRequest With(PolicyArtefact.CovenantPath changed) => signing with { Artefact = changed };
    }

    [Fact]
    public void More_approvals_than_travel_with_a_payment_are_refused_before_any_is_verified()
    {
        SigningRequest signing = Covenant.Signing(Covenant.Request());
        PolicyArtefact.CovenantPath artefact = (PolicyArtefact.CovenantPath)signing.Artefact;
        Batch<Approval> many = Batch.Of(Enumerable.Repeat(artefact.Approvals[0], Approval.MaximumCount + 1));
        SigningRequest wrong = signing with { Artefact = artefact with { Approvals = many } };
        SeatSpecification.For(Covenant.Party.With(wrong)).When(new SeatRequest.Open(wrong)).ThenRefused("too_many_approvals");
    }

    [Fact]
    public void A_seats_own_policy_judges_the_outputs_of_a_covenant_too()
    {
        SigningRequest signing = Covenant.Signing(Covenant.Request());
        SpendingPolicy policy = new() { MaximumOutputSat = 899_999 };
        SeatSpecification.For(Covenant.Party.With(signing)).Knowing(standing => standing with { Policy = policy })
            .When(new SeatRequest.Open(signing)).ThenRefused("policy_output_above_limit");
    }
}
