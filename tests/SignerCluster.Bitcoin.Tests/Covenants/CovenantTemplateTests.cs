using System.Security.Cryptography;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests.Covenants;

public sealed class CovenantTemplateTests
{
    private static readonly Bytes32 _offCurve = FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)0xff, 32)]);

    [Fact]
    public void The_internal_key_is_the_hash_of_the_generator()
    {
        byte[] generator = Convert.FromHexString(
            "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(generator)), Taproot.UnspendableKey.ToString());
    }

    [Fact]
    public void Scripts_of_self_v1_are_those_of_its_table()
    {
        (string d, string s) = (Push(CovenantRole.Depositor), Push(CovenantRole.Signer));
        Assert.Equal(
            [$"{d}ad{s}ac", $"03a0bb0db175{s}ac", $"0390bf0db175{d}ac"],
            CovenantCase.Template(CovenantKind.SelfV1).Leaves.Select(static leaf => leaf.Script.ToString()));
    }

    [Fact]
    public void Scripts_of_qc_v1_are_those_of_its_table()
    {
        (string d, string c, string s) = (Push(CovenantRole.Depositor), Push(CovenantRole.Custodian), Push(CovenantRole.Signer));
        Assert.Equal(
            [$"{d}ad{c}ad{s}ac", $"03a0bb0db175{c}ad{s}ac", $"0310bb0db175{d}ad{c}ac", $"0390bf0db175{d}ac"],
            CovenantCase.Template(CovenantKind.QcV1).Leaves.Select(static leaf => leaf.Script.ToString()));
    }

    // Computed from the text of BIP-0341 by a program that shares nothing with this one. Deposits lie under them: a tree that changes loses coins.
    [Theory]
    [InlineData(
        CovenantKind.SelfV1,
        "fd4dc6f7aaa72392db5e7f1e5bd2427340c04db178d91b281c2fa68d7ce49567",
        "5120d35352999effb912a69667b25d4e5e5c9f9f0e94333d47143999e2906ecfcf9f")]
    [InlineData(
        CovenantKind.QcV1,
        "b279d5f80e3a9aaebbed5849c475c4cdd1bf7a1f69017c80c3cddc79a790360e",
        "51209b91642e8dce7a3364900ecaca9137d42a2a222af31fe9237305193451f0f63e")]
    public void The_output_of_given_terms_never_changes(CovenantKind kind, string merkleRoot, string scriptPubKey)
    {
        CovenantTemplate template = CovenantCase.Template(kind);
        Assert.Equal((merkleRoot, scriptPubKey), (template.MerkleRoot.ToString(), template.ScriptPubKey.ToString()));
    }

    [Theory]
    [InlineData(CovenantKind.SelfV1, new[] { 1, 2, 2 })]
    [InlineData(CovenantKind.QcV1, new[] { 1, 2, 3, 3 })]
    public void The_branch_that_is_most_used_has_the_shortest_proof_and_every_proof_holds(CovenantKind kind, int[] depths)
    {
        CovenantTemplate template = CovenantCase.Template(kind);
        Assert.Equal(depths, template.Leaves.Select(static leaf => (leaf.ControlBlock.Length - 33) / 32));
        Assert.All(template.Leaves, leaf =>
        {
            Bytes32 node = Taproot.LeafHash(0xc0, leaf.Script);
            Assert.Equal(leaf.Hash, node);
            for (int at = 33; at < leaf.ControlBlock.Length; at += 32)
            {
                node = Taproot.BranchHash(node, FixedBytes.From<Bytes32>(leaf.ControlBlock.Slice(at, 32)));
            }

            Assert.Equal(template.MerkleRoot, node);
            XOnlyPublicKey outputKey = Taproot.OutputKey(XOnlyPublicKey.Parse(leaf.ControlBlock[1..33]), node, out bool hasOddY);
            Assert.Equal(template.ScriptPubKey, Taproot.ScriptPubKey(outputKey));
            Assert.Equal(0xc0 | (hasOddY ? 1 : 0), leaf.ControlBlock[0]);
        });
    }

    [Fact]
    public void Templates_are_equal_when_their_terms_are()
    {
        CovenantTerms terms = CovenantCase.Terms(CovenantKind.QcV1);
        CovenantTemplate template = CovenantCase.Template(terms);
        CovenantTemplate other = CovenantCase.Template(terms with { Delta2Blocks = CovenantCase.Delta2 + 1 });
        Assert.True(template == CovenantCase.Template(terms with { }));
        Assert.True(template != other);
        Assert.NotEqual(template.ScriptPubKey, other.ScriptPubKey);
        Assert.Equal(template.GetHashCode(), CovenantCase.Template(terms with { }).GetHashCode());
        Assert.Equal(CovenantCase.Key(CovenantRole.Signer), template.Signer);
    }

    [Fact]
    public void Kinds_are_read_by_their_names()
    {
        foreach (CovenantKind kind in Enum.GetValues<CovenantKind>())
        {
            Assert.True(CovenantKinds.TryParse(kind.ToName(), out CovenantKind read, out _));
            Assert.Equal(kind, read);
        }

        Assert.False(CovenantKinds.TryParse("self_v2", out _, out BitcoinRefusal? refusal));
        Assert.Equal(RefusalCodes.CovenantKindUnknown, refusal.Code);
    }

    [Fact]
    public void A_custodian_too_many_or_too_few_is_refused()
    {
        CovenantTerms self = CovenantCase.Terms(CovenantKind.SelfV1);
        CovenantTerms custodial = CovenantCase.Terms(CovenantKind.QcV1);
        Assert.Equal(RefusalCodes.CovenantCustodianUnexpected, RefusalOf(self with { Custodian = custodial.Custodian }));
        Assert.Equal(RefusalCodes.CovenantCustodianMissing, RefusalOf(custodial with { Custodian = null }));
    }

    [Fact]
    public void Keys_that_are_no_points_or_not_different_are_refused()
    {
        CovenantTerms terms = CovenantCase.Terms(CovenantKind.QcV1);
        CovenantCustodian custodian = terms.Custodian!;
        CovenantTerms[] invalid =
        [
            terms with { Depositor = _offCurve }, terms with { Custodian = custodian with { Key = _offCurve } }, terms with { Signer = default },
        ];
        CovenantTerms[] equal =
        [
            terms with { Depositor = terms.Signer }, terms with { Depositor = custodian.Key }, terms with { Custodian = custodian with { Key = terms.Signer } },
        ];
        Assert.All(invalid, static terms => Assert.Equal(RefusalCodes.CovenantKeyInvalid, RefusalOf(terms)));
        Assert.All(equal, static terms => Assert.Equal(RefusalCodes.CovenantKeysEqual, RefusalOf(terms)));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(500_000_000, 1, 1)]
    [InlineData(499_999_999, 1, 1)]
    [InlineData(900_000, 0, 1)]
    [InlineData(900_000, 499_100_000, 1)]
    [InlineData(900_000, uint.MaxValue, 1)]
    [InlineData(uint.MaxValue, uint.MaxValue, 1)]
    [InlineData(900_000, 1, 0)]
    [InlineData(900_000, 1, 900_000)]
    [InlineData(900_000, 1, uint.MaxValue)]
    public void Heights_that_are_none_are_refused(uint maturity, uint delta2, uint beta)
    {
        CovenantTerms terms = CovenantCase.Terms(CovenantKind.QcV1);
        Assert.Equal(
            RefusalCodes.CovenantHeightOutOfRange,
            RefusalOf(terms with { MaturityHeight = maturity, Delta2Blocks = delta2, Custodian = terms.Custodian! with { BetaBlocks = beta } }));
    }

    private static string Push(CovenantRole role) => $"20{CovenantCase.Key(role)}";

    private static string RefusalOf(CovenantTerms terms)
    {
        Assert.False(CovenantTemplate.TryCreate(terms, out _, out BitcoinRefusal? refusal));
        return refusal.Code;
    }
}
