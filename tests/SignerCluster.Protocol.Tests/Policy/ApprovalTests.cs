using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Policy;

/// <summary>Whose yes counts for a payment.</summary>
public sealed class ApprovalTests
{
    private static readonly Party _party = Party.Of(2, 3);
    private static readonly AcceptedPayment _payment = Withdrawal.Accept(_party, Withdrawal.Psbt(_party));

    private static readonly ApprovalRule _twoOfThree =
        new(50_000, 2, [Withdrawal.IdentityOf("erin"), Withdrawal.IdentityOf("frank"), Withdrawal.IdentityOf("grace")]);

    private static readonly Approval _erin = Withdrawal.ApprovalOf("erin", _party.Id, _payment.Txid);
    private static readonly Approval _frank = Withdrawal.ApprovalOf("frank", _party.Id, _payment.Txid);

    [Fact]
    public void Two_of_three_approvers_are_enough_in_any_order_and_more_do_no_harm()
    {
        Approval grace = Withdrawal.ApprovalOf("grace", _party.Id, _payment.Txid);
        Assert.Null(Finding(_erin, _frank));
        Assert.Null(Finding(grace, _erin));
        Assert.Null(Finding(grace, Withdrawal.ApprovalOf("mallory", _party.Id, _payment.Txid), _frank, _erin));
    }

    public static TheoryData<string> Worthless => ["another key", "the same twice", "another txid", "another group", "a flipped bit", "a forged name"];

    [Theory]
    [MemberData(nameof(Worthless))]
    public void What_is_no_second_yes_counts_nothing(string kind)
    {
        Txid otherTxid = Withdrawal.Accept(_party, Withdrawal.Psbt(_party, (50_001, Withdrawal.Alice))).Txid;
        Approval second = kind switch
        {
            "another key" => Withdrawal.ApprovalOf("mallory", _party.Id, _payment.Txid),
            "the same twice" => _erin,
            "another txid" => Withdrawal.ApprovalOf("frank", _party.Id, otherTxid),
            "another group" => Withdrawal.ApprovalOf("frank", Party.Of(2, 3, "another").Id, _payment.Txid),
            "a flipped bit" => Flipped(_frank),
            _ => new Approval(Withdrawal.IdentityOf("frank"), FixedBytes.From<Bytes64>(_erin.Bytes.AsSpan()[32..])),
        };
        Refusal refusal = Finding(_erin, second)!;
        Assert.Equal("policy_approvals_missing", refusal.Code);
        Assert.Equal(("2", "1", "2"), (refusal.Evidence["needed"], refusal.Evidence["available"], refusal.Evidence["given"]));
    }

    [Fact]
    public void Approvals_of_a_payment_that_may_still_change_count_nothing()
    {
        Psbt open = Withdrawal.Psbt(_party).WithSighashType(0, SighashType.AllAnyoneCanPay);
        AcceptedPayment payment = Withdrawal.Accept(_party, open);
        Assert.Equal(_payment.Txid, payment.Txid);
        SpendingPolicy policy = Policy() with { HashTypes = new HashSet<SighashType> { SighashType.Default, SighashType.AllAnyoneCanPay } };
        Assert.Equal("0", PolicyCheck.Findings(policy, payment, Facts(_erin, _frank)).Single().Evidence["available"]);
    }

    [Fact]
    public void The_text_of_an_approval_is_192_hex_digits()
    {
        Assert.True(Approval.TryParse(_erin.ToString().ToUpperInvariant(), out Approval parsed));
        Assert.Equal(_erin, parsed);
        Assert.Equal(Withdrawal.IdentityOf("erin").ToBytes(), parsed.Approver);
        Assert.False(Approval.TryParse(_erin.ToString().AsSpan(2), out _));
        Assert.False(Approval.TryParse("x" + _erin.ToString()[1..], out _));
    }

    [Fact]
    public void What_is_signed_is_the_tagged_hash_of_group_and_txid_each_behind_its_length()
    {
        byte[] framed = [0, 0, 0, 32, .. _party.Id.X.AsSpan(), 0, 0, 0, 32, .. _payment.Txid.InternalOrder.AsSpan()];
        Assert.Equal(new TaggedHash("SignerCluster/approval/v1").Compute(framed), Approval.MessageOf(_party.Id, _payment.Txid));
    }

    private static Refusal? Finding(params Approval[] approvals) => PolicyCheck.Findings(Policy(), _payment, Facts(approvals)).SingleOrDefault();

    private static SpendingPolicy Policy() => new() { Approvals = _twoOfThree };

    private static PolicyFacts Facts(params Approval[] approvals) => new(_party.Id, Now: 0, SpentToday: null, approvals);

    private static Approval Flipped(Approval approval)
    {
        byte[] bytes = [.. approval.Bytes.AsSpan()];
        bytes[^1] ^= 1;
        return new Approval(FixedBytes.From<Bytes96>(bytes));
    }
}
