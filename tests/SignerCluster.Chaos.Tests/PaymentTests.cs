using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Load;

namespace SignerCluster.Chaos.Tests;

/// <summary>What the load makes and what the auditor reads were written apart from each other, and agree.</summary>
public sealed class PaymentTests
{
    private static readonly string _key = new('2', 64);
    private readonly Payment _payment = new(new string('1', 64), _key, 30_000);

    [Fact]
    public void A_payment_reads_as_what_it_takes()
    {
        PsbtReading read = PsbtReading.Read(_payment.Psbt);
        Assert.Equal(_payment.Txid, read.Transaction.Txid);
        Assert.Equal([new OutputReading(100_000, $"5120{_key}")], read.Spent);
        Assert.Equal([new OutputReading(30_000, $"0014{new string('1', 40)}"), new OutputReading(69_000, $"5120{_key}")], read.Transaction.Outputs);
        Assert.Equal((31_000ul, 31_000ul), (_payment.Debit, read.OutflowOf($"5120{_key}")));
    }

    [Fact]
    public void A_signature_does_not_change_the_txid() =>
        Assert.Equal(_payment.Txid, TransactionReading.Read(Convert.FromHexString(_payment.Signed(new string('3', 128)))).Txid);

    [Fact]
    public void Another_amount_is_another_transaction() => Assert.NotEqual(_payment.Txid, new Payment(new string('1', 64), _key, 30_001).Txid);

    [Theory]
    [InlineData("")]
    [InlineData("cHNidP8=")]
    [InlineData("cHNidP8BAAA=")]
    [InlineData("bm8gcHNidA==")]
    public void What_is_no_PSBT_is_not_read(string base64) => Assert.Throws<FormatException>(() => PsbtReading.Read(base64));
}
