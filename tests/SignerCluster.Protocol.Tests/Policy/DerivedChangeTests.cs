using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Policy;

/// <summary>What a policy takes for change is what provably pays the group back, wherever its key is.</summary>
public sealed class DerivedChangeTests
{
    [Fact]
    public void An_output_to_a_derived_address_is_change_when_the_PSBT_proves_it_and_a_payment_otherwise()
    {
        Party party = Party.Of(2, 3);
        Psbt psbt = Payment.OfDerived(party, derived: 2);
        PaidOutput paid = Assert.Single(Judged(psbt).Outputs);
        Assert.False(paid.IsChange);
        Assert.Equal(120_000UL, Judged(psbt).OutflowSat);

        GroupAccount account = new(party.Group.GroupKey.XOnly);
        AcceptedPayment proved = Judged(psbt.WithOutputKey(0, account, DerivationPath.Receiving(0)));
        Assert.True(Assert.Single(proved.Outputs).IsChange);
        Assert.Equal(120_000UL - paid.AmountSat, proved.OutflowSat);
        Assert.False(Assert.Single(Judged(psbt.WithOutputKey(0, account, DerivationPath.Receiving(1))).Outputs).IsChange);

        AcceptedPayment Judged(Psbt payment)
        {
            Assert.True(payment.TryFindKeyPathInputs(party.Group.GroupKey.XOnly, out KeyPathInputs? inputs, out BitcoinRefusal? refusal), refusal?.ToString());
            return AcceptedPayment.Of(payment, inputs, [0, 1, 2], party.Group.GroupKey.XOnly);
        }
    }
}
