using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests.Covenants;

/// <summary>What is almost a finished covenant is refused twice: by NBitcoin's interpreter, and by our own check, which knows the plan.</summary>
public sealed class CovenantForgeryTests
{
    private static readonly CovenantSpend[] _spends =
    [
        CovenantCase.Spend(CovenantKind.SelfV1, CovenantBranch.Cooperative),
        CovenantCase.Spend(CovenantKind.SelfV1, CovenantBranch.Matured),
        CovenantCase.Spend(CovenantKind.QcV1, CovenantBranch.Cooperative),
        CovenantCase.Spend(CovenantKind.QcV1, CovenantBranch.Matured),
    ];

    [Fact]
    public void A8_One_block_too_early_is_refused() => Refused(
        static spend => Resigned(spend, spend.Plan.Unsigned.Inputs[0].Sequence, spend.Leaf.LockHeight - 1),
        RefusalCodes.CovenantTransactionDiffers,
        ["UnsatisfiedLockTime"],
        static spend => spend.Leaf.LockHeight > 0);

    [Fact]
    public void A8_A_sequence_that_turns_lock_times_off_is_refused() => Refused(
        static spend => Resigned(spend, uint.MaxValue, spend.Plan.Unsigned.LockTime),
        RefusalCodes.CovenantTransactionDiffers,
        ["UnsatisfiedLockTime"],
        static spend => spend.Leaf.LockHeight > 0);

    [Fact]
    public void A8_The_signature_of_another_key_is_refused_in_every_place()
    {
        for (int place = 0; place < 3; place++)
        {
            Refused(
                spend => WithItem(spend, place, CovenantCase.SignAsStranger(spend.Sighash).AsSpan().ToArray()),
                RefusalCodes.CovenantSignatureInvalid,
                ["SchnorrSig"],
                spend => place < spend.Leaf.Keys.Count);
        }
    }

    [Fact]
    public void A8_Signatures_in_the_order_of_the_script_are_refused() => Refused(
        static spend => WithStack(spend, static (signatures, proof) => [.. signatures.Reverse(), .. proof]),
        RefusalCodes.CovenantSignatureInvalid,
        ["SchnorrSig"],
        static spend => spend.NeedsOthers);

    [Fact]
    public void A8_An_empty_signature_is_refused_in_every_place()
    {
        for (int place = 0; place < 3; place++)
        {
            Refused(
                spend => WithItem(spend, place, []),
                RefusalCodes.CovenantSignatureInvalid,
                ["CheckSigVerify", "EvalFalse"],
                spend => place < spend.Leaf.Keys.Count);
        }
    }

    [Fact]
    public void A8_A_signature_that_is_left_out_is_refused() => Refused(
        static spend => WithStack(spend, static (signatures, proof) => [.. signatures.Skip(1), .. proof]),
        RefusalCodes.CovenantWitnessMalformed,
        ["InvalidStackOperation"]);

    [Fact]
    public void A8_The_control_block_of_another_branch_is_refused() => Refused(
        static spend => WithStack(
            spend,
            (signatures, proof) => [.. signatures, proof[0], spend.Template.Leaves.First(leaf => leaf.Branch != spend.Branch).ControlBlock.ToArray()]),
        RefusalCodes.CovenantWitnessMalformed,
        ["WitnessProgramMissmatch"]);

    [Fact]
    public void A8_The_script_of_another_branch_is_refused() => Refused(
        static spend => WithStack(
            spend,
            (signatures, proof) => [.. signatures, spend.Template.Leaves.First(leaf => leaf.Branch != spend.Branch).Script.AsSpan().ToArray(), proof[1]]),
        RefusalCodes.CovenantWitnessMalformed,
        ["WitnessProgramMissmatch"]);

    [Fact]
    public void A8_The_script_of_another_branch_with_its_own_proof_is_refused() => Refused(
        static spend =>
        {
            CovenantLeaf other = spend.Template.Leaves.First(leaf => leaf.Branch != spend.Branch);
            return WithStack(spend, (signatures, _) => [.. signatures, other.Script.AsSpan().ToArray(), other.ControlBlock.ToArray()]);
        },
        RefusalCodes.CovenantWitnessMalformed,
        ["SchnorrSig", "InvalidStackOperation", "UnsatisfiedLockTime"]);

    [Fact]
    public void A8_An_output_that_was_changed_after_signing_is_refused() => Refused(
        static spend =>
        {
            TxOut[] outputs = [.. spend.Plan.Unsigned.Outputs];
            outputs[0] = new TxOut(outputs[0].AmountSat - 1, outputs[0].ScriptPubKey);
            Transaction signed = Finished(spend);
            return new Transaction(signed.Version, signed.Inputs, outputs, signed.LockTime);
        },
        RefusalCodes.CovenantTransactionDiffers,
        ["SchnorrSig"]);

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    public void A8_An_item_too_many_is_refused(string item) => Refused(
        spend => WithStack(spend, (signatures, proof) => [Convert.FromHexString(item), .. signatures, .. proof]),
        RefusalCodes.CovenantWitnessMalformed,
        ["CleanStack", "EvalFalse"]);

    [Fact]
    public void A8_An_annex_that_nobody_signed_is_refused() => Refused(
        static spend => WithStack(spend, static (signatures, proof) => [.. signatures, .. proof, [0x50]]),
        RefusalCodes.CovenantWitnessMalformed,
        ["SchnorrSig"]);

    [Fact]
    public void A8_A_default_hash_type_that_is_written_out_is_refused() => Refused(
        static spend => WithStack(spend, static (signatures, proof) => [[.. signatures[0], 0x00], .. signatures[1..], .. proof]),
        RefusalCodes.CovenantSignatureInvalid,
        ["SchnorrSigHashType"]);

    [Fact]
    public void A8_A_witness_that_is_not_there_is_refused() => Refused(
        static spend => spend.Plan.Unsigned, RefusalCodes.CovenantWitnessMalformed, ["WitnessProgramEmpty"]);

    // The forgery is refused in every spend that it fits, and fits one at least.
    private static void Refused(Func<CovenantSpend, Transaction> forge, string code, string[] faults, Predicate<CovenantSpend>? fits = null)
    {
        CovenantSpend[] fitting = Array.FindAll(_spends, fits ?? (static _ => true));
        Assert.NotEmpty(fitting);
        Assert.All(fitting, spend =>
        {
            Transaction forged = forge(spend);
            Assert.False(spend.TryVerify(forged, out BitcoinRefusal? refusal));
            Assert.Equal(code, refusal.Code);
            Assert.Contains(CovenantCase.FaultOf(spend.Template, forged), faults);
        });
    }

    private static Transaction Finished(CovenantSpend spend)
    {
        Dictionary<XOnlyPublicKey, Bytes64> signatures = CovenantCase.Signatures(spend, spend.Leaf.Keys.Select(static key => key.Role));
        Assert.True(spend.TryComplete(signatures, out Transaction? finished, out BitcoinRefusal? refusal), refusal?.ToString());
        return finished;
    }

    private static Transaction Resigned(CovenantSpend spend, uint sequence, uint lockTime)
    {
        Transaction planned = spend.Plan.Unsigned;
        Transaction other = new(planned.Version, [planned.Inputs[0] with { Sequence = sequence }], planned.Outputs, lockTime);
        return CovenantCase.Signed(spend.Template, spend.Leaf, other);
    }

    private static Transaction WithItem(CovenantSpend spend, int place, byte[] item) => WithStack(
        spend, (signatures, proof) => [.. signatures.Select((signature, index) => index == place ? item : signature), .. proof]);

    private static Transaction WithStack(CovenantSpend spend, Func<byte[][], byte[][], IReadOnlyList<byte[]>> change)
    {
        Transaction finished = Finished(spend);
        Witness stack = finished.Inputs[0].Witness;
        byte[][] items = [.. Enumerable.Range(0, stack.Count).Select(index => stack[index].ToArray())];
        return CovenantCase.WithStack(finished, change(items[..^2], items[^2..]));
    }
}
