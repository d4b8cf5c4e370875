using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests.Covenants;

public sealed class CovenantSpendTests
{
    public static TheoryData<CovenantKind, CovenantBranch> Branches { get; } = new()
    {
        { CovenantKind.SelfV1, CovenantBranch.Cooperative },
        { CovenantKind.SelfV1, CovenantBranch.Matured },
        { CovenantKind.SelfV1, CovenantBranch.DepositorAlone },
        { CovenantKind.QcV1, CovenantBranch.Cooperative },
        { CovenantKind.QcV1, CovenantBranch.Matured },
        { CovenantKind.QcV1, CovenantBranch.WithoutSigner },
        { CovenantKind.QcV1, CovenantBranch.DepositorAlone },
    };

    public static TheoryData<CovenantKind, CovenantBranch> Handoffs { get; } = new()
    {
        { CovenantKind.SelfV1, CovenantBranch.Cooperative },
        { CovenantKind.QcV1, CovenantBranch.Cooperative },
        { CovenantKind.QcV1, CovenantBranch.Matured },
    };

    [Theory]
    [MemberData(nameof(Branches))]
    public void A8_The_network_takes_every_branch_from_the_height_on_at_which_it_opens(CovenantKind kind, CovenantBranch branch)
    {
        CovenantTemplate template = CovenantCase.Template(kind);
        CovenantLeaf leaf = CovenantCase.Leaf(template, branch);
        Transaction signed = CovenantCase.Signed(template, leaf, CovenantCase.Plan(leaf.LockHeight).Unsigned);
        Assert.Null(CovenantCase.FaultOf(template, signed));
        Assert.Null(CovenantCase.FaultOf(template, CovenantCase.Signed(template, leaf, CovenantCase.Plan(499_999_999).Unsigned)));
        if (leaf.LockHeight > 0)
        {
            Transaction early = CovenantCase.Signed(template, leaf, CovenantCase.Plan(leaf.LockHeight - 1).Unsigned);
            Assert.Equal("UnsatisfiedLockTime", CovenantCase.FaultOf(template, early));
        }
    }

    // The heights between which the encoding of a number in a script changes its form.
    [Theory]
    [InlineData(1u, "51")]
    [InlineData(16u, "60")]
    [InlineData(17u, "0111")]
    [InlineData(0x7fu, "017f")]
    [InlineData(0x80u, "028000")]
    [InlineData(0xffu, "02ff00")]
    [InlineData(0x7fffu, "02ff7f")]
    [InlineData(0x8000u, "03008000")]
    [InlineData(0x7f_ffffu, "03ffff7f")]
    [InlineData(0x80_0000u, "0400008000")]
    [InlineData(499_999_998u, "04fe64cd1d")]
    public void A8_The_network_takes_the_push_of_any_height_and_no_height_before_it(uint height, string push)
    {
        CovenantTemplate template = CovenantCase.Template(CovenantCase.Terms(CovenantKind.SelfV1) with { MaturityHeight = height, Delta2Blocks = 1 });
        CovenantLeaf leaf = CovenantCase.Leaf(template, CovenantBranch.Matured);
        Assert.Equal(height, leaf.LockHeight);
        Assert.StartsWith($"{push}b175", leaf.Script.ToString(), StringComparison.Ordinal);
        Assert.Null(CovenantCase.FaultOf(template, CovenantCase.Signed(template, leaf, CovenantCase.Plan(height).Unsigned)));
        Transaction early = CovenantCase.Signed(template, leaf, CovenantCase.Plan(height - 1).Unsigned);
        Assert.Equal("UnsatisfiedLockTime", CovenantCase.FaultOf(template, early));
    }

    [Fact]
    public void A8_The_signer_alone_finishes_a_matured_self_v1()
    {
        CovenantSpend spend = CovenantCase.Spend(CovenantKind.SelfV1, CovenantBranch.Matured);
        Assert.False(spend.NeedsOthers);
        Bytes64 signature = CovenantCase.Sign(CovenantRole.Signer, spend.Sighash);
        Assert.True(spend.TryFinish(signature, out Transaction? finished, out _));
        Assert.Equal(CovenantCase.Signed(spend.Template, spend.Leaf, spend.Plan.Unsigned), finished);
        Assert.Null(CovenantCase.FaultOf(spend.Template, finished));
        Assert.True(spend.TryVerify(finished, out _));
        Assert.Equal(spend.VirtualSize, finished.ComputeVirtualSize());

        Assert.False(spend.TryFinish(CovenantCase.SignAsStranger(spend.Sighash), out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.CovenantSignatureInvalid, refusal.Code);
        Assert.Throws<InvalidOperationException>(() => spend.TryHandOff(signature, out _, out _));
    }

    [Theory]
    [MemberData(nameof(Handoffs))]
    public void A8_Others_finish_what_the_signer_hands_to_them(CovenantKind kind, CovenantBranch branch)
    {
        CovenantSpend spend = CovenantCase.Spend(kind, branch);
        CovenantHandoff handoff = HandOff(spend);
        Assert.Equal((kind, branch, spend.Plan.Unsigned.Txid, spend.Sighash), (handoff.Kind, handoff.Branch, handoff.Txid, handoff.Sighash));
        Assert.Equal(handoff, HandOff(CovenantCase.Spend(kind, branch)));

        IEnumerable<CovenantRole> others = handoff.Stack.Where(static place => place.Signature is null).Select(static place => place.Key.Role);
        Assert.True(handoff.TryComplete(CovenantCase.Signatures(spend, others), out Transaction? finished, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Null(CovenantCase.FaultOf(spend.Template, finished));
        Assert.True(spend.TryVerify(finished, out _));
        Assert.Equal((handoff.Txid, spend.VirtualSize), (finished.Txid, finished.ComputeVirtualSize()));
    }

    [Theory]
    [MemberData(nameof(Handoffs))]
    public void A8_A_handoff_says_everything_that_others_need_without_this_code(CovenantKind kind, CovenantBranch branch)
    {
        CovenantSpend spend = CovenantCase.Spend(kind, branch);
        CovenantHandoff handoff = HandOff(spend);
        byte[] sighash = SighashTwin.Compute(handoff.Unsigned, 0, [handoff.Prevout], 0, annex: [], handoff.Leaf.Hash);
        Assert.Equal(sighash, handoff.Sighash.AsSpan());
        IEnumerable<byte[]> signatures = handoff.Stack.Select(place =>
            (place.Signature ?? CovenantCase.Sign(place.Key.Role, handoff.Sighash)).AsSpan().ToArray());
        Transaction finished = CovenantCase.WithStack(
            handoff.Unsigned, [.. signatures, handoff.Leaf.Script.AsSpan().ToArray(), handoff.Leaf.ControlBlock.ToArray()]);
        Assert.Null(CovenantCase.FaultOf(spend.Template, finished));
    }

    [Fact]
    public void Only_signatures_of_the_keys_of_a_branch_complete_it_and_all_of_them()
    {
        CovenantSpend spend = CovenantCase.Spend(CovenantKind.QcV1, CovenantBranch.Matured);
        Dictionary<XOnlyPublicKey, Bytes64> both = CovenantCase.Signatures(spend, CovenantRole.Custodian, CovenantRole.Signer);
        Assert.True(spend.TryComplete(both, out _, out _));
        XOnlyPublicKey custodian = CovenantCase.Key(CovenantRole.Custodian);
        Dictionary<XOnlyPublicKey, Bytes64> swapped = new(both) { [custodian] = both[spend.Template.Signer] };

        Assert.Equal(RefusalCodes.CovenantSignatureInvalid, RefusalOf(swapped));
        Assert.Equal(RefusalCodes.CovenantSignatureMissing, RefusalOf(CovenantCase.Signatures(spend, CovenantRole.Signer)));
        Assert.Equal(RefusalCodes.CovenantSignatureUnexpected, RefusalOf(CovenantCase.Signatures(spend, Enum.GetValues<CovenantRole>())));
        Assert.False(spend.TryHandOff(both[custodian], out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.CovenantSignatureInvalid, refusal.Code);
        Assert.Throws<InvalidOperationException>(() => spend.TryFinish(both[spend.Template.Signer], out _, out _));

        string RefusalOf(Dictionary<XOnlyPublicKey, Bytes64> signatures)
        {
            Assert.False(spend.TryComplete(signatures, out _, out BitcoinRefusal? broken));
            return broken.Code;
        }
    }

    [Fact]
    public void C3_A_job_that_resumes_signs_the_same_message()
    {
        CovenantSpend spend = CovenantCase.Spend(CovenantKind.QcV1, CovenantBranch.Matured);
        CovenantSpend resumed = CovenantCase.Spend(CovenantKind.QcV1, CovenantBranch.Matured);
        Assert.Equal(spend, resumed);
        Assert.Equal(spend.Sighash, resumed.Sighash);
        Assert.NotEqual(spend, CovenantCase.Spend(CovenantKind.QcV1, CovenantBranch.Cooperative));
    }

    [Theory]
    [InlineData(CovenantKind.SelfV1, CovenantBranch.WithoutSigner, RefusalCodes.CovenantBranchUnknown)]
    [InlineData(CovenantKind.SelfV1, (CovenantBranch)9, RefusalCodes.CovenantBranchUnknown)]
    [InlineData(CovenantKind.SelfV1, CovenantBranch.DepositorAlone, RefusalCodes.CovenantBranchWithoutSigner)]
    [InlineData(CovenantKind.QcV1, CovenantBranch.WithoutSigner, RefusalCodes.CovenantBranchWithoutSigner)]
    [InlineData(CovenantKind.QcV1, CovenantBranch.DepositorAlone, RefusalCodes.CovenantBranchWithoutSigner)]
    public void The_signer_signs_only_where_it_has_a_key(CovenantKind kind, CovenantBranch branch, string code) =>
        Assert.Equal(code, RefusalOf(CovenantCase.Template(kind), CovenantCase.Plan(CovenantCase.Maturity + CovenantCase.Delta2), branch));

    [Theory]
    [InlineData(CovenantBranch.Matured, CovenantCase.Maturity - 1, RefusalCodes.CovenantLockTimeTooEarly)]
    [InlineData(CovenantBranch.Matured, 0, RefusalCodes.CovenantLockTimeTooEarly)]
    [InlineData(CovenantBranch.Matured, CovenantCase.Maturity, null)]
    [InlineData(CovenantBranch.Cooperative, 0, null)]
    [InlineData(CovenantBranch.Cooperative, CovenantCase.Maturity - 1, null)]
    public void A_branch_is_signed_only_for_a_time_at_which_it_is_open(CovenantBranch branch, uint lockHeight, string? code) =>
        Assert.Equal(code, RefusalOf(CovenantCase.Template(CovenantKind.SelfV1), CovenantCase.Plan(lockHeight), branch));

    [Fact]
    public void The_limits_of_payments_hold_for_covenants()
    {
        CovenantSpend spend = CovenantCase.Spend(CovenantKind.SelfV1, CovenantBranch.Cooperative);
        long size = spend.VirtualSize;
        PaymentLimits limits = new(MaximumFeeSat: 100_000, MaximumSatPerVirtualByte: 10, MaximumInputs: 1);
        Assert.Null(RefusalOf(spend.Template, CovenantCase.Plan(0, 10 * size), spend.Branch, limits));
        Assert.Equal(RefusalCodes.PsbtFeeRateTooHigh, RefusalOf(spend.Template, CovenantCase.Plan(0, (10 * size) + 1), spend.Branch, limits));
        limits = limits with { MaximumSatPerVirtualByte = 100_000 };
        Assert.Null(RefusalOf(spend.Template, CovenantCase.Plan(0, 100_000), spend.Branch, limits));
        Assert.Equal(RefusalCodes.PsbtFeeTooHigh, RefusalOf(spend.Template, CovenantCase.Plan(0, 100_001), spend.Branch, limits));
    }

    private static CovenantHandoff HandOff(CovenantSpend spend)
    {
        Assert.True(spend.NeedsOthers);
        Bytes64 signature = CovenantCase.Sign(CovenantRole.Signer, spend.Sighash);
        Assert.True(spend.TryHandOff(signature, out CovenantHandoff? handoff, out BitcoinRefusal? refusal), refusal?.ToString());
        return handoff;
    }

    private static string? RefusalOf(CovenantTemplate template, CovenantPlan plan, CovenantBranch branch, PaymentLimits? limits = null)
    {
        bool isSpend = CovenantSpend.TryCreate(
            template, plan, branch, limits ?? PaymentLimits.Default, out CovenantSpend? spend, out BitcoinRefusal? refusal);
        Assert.Equal(isSpend, spend is not null);
        return refusal?.Code;
    }
}
