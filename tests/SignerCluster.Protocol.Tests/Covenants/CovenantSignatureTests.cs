using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Covenants;

/// <summary>A group's own key in a covenant, without any tweak, signed for by real shares.</summary>
public sealed class CovenantSignatureTests
{
    private const uint Maturity = 900_000;

    [Fact]
    public void A8_The_shares_of_a_group_finish_a_covenant_whatever_the_parity_of_its_key()
    {
        HashSet<bool> parities = [];
        for (int number = 0; parities.Count < 2; number++)
        {
            Party party = Party.Of(2, 3, $"covenant {number}");
            parities.Add(party.Group.GroupKey.HasEvenY);
            CovenantSpend spend = Matured(party.Group.GroupKey.XOnly);
            Bytes64 signature = party.Signature(party.Request with { Message = spend.Sighash }).Single;
            Assert.True(spend.TryFinish(signature, out Transaction? finished, out BitcoinRefusal? refusal), refusal?.ToString());
            Assert.Equal(spend.Plan.Unsigned.Txid, finished.Txid);
            Assert.True(spend.TryVerify(finished, out _));
        }
    }

    private static CovenantSpend Matured(XOnlyPublicKey group)
    {
        XOnlyPublicKey depositor = Party.Of(2, 3, "depositor").Group.GroupKey.XOnly;
        CovenantTerms terms = new(CovenantKind.SelfV1, depositor.ToBytes(), group.ToBytes(), Maturity, Delta2Blocks: 1_008);
        OutPoint covenant = new(new Txid(Party.Hash("deposit")), 0);
        Assert.True(CovenantTemplate.TryCreate(terms, out CovenantTemplate? template, out _));
        Assert.True(CovenantPlan.TryCreate(covenant, 100_000, [(Taproot.ScriptPubKey(depositor), 99_000)], Maturity, out CovenantPlan? plan, out _));
        Assert.True(CovenantSpend.TryCreate(template, plan, CovenantBranch.Matured, PaymentLimits.Default, out CovenantSpend? spend, out _));
        return spend;
    }
}
