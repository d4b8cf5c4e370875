using System.Text.Json;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Chaos.Audit;
using SignerCluster.Host.Verbs.Demo;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>What the command line signs is accepted by a BIP-340 verifier that shares no code with the product.</summary>
public sealed class IndependentCheckTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public async Task A_psbt_of_one_to_ten_inputs_gives_signatures_that_an_independent_verifier_accepts(int inputs)
    {
        DemoPayment payment = data.Payment(inputs);
        JsonElement result = (await data.SignPsbtAsync(data.Write($"{inputs}.psbt", payment.ToPsbt()))).Done();
        JsonElement[] messages = inputs == 1 ? [result] : [.. result.GetProperty("inputs").EnumerateArray()];
        Assert.Equal(inputs, messages.Length);
        Assert.All(messages, static message => Assert.True(
            Bip340.Verify(Text(message, "outputKey"), Text(message, "message"), Text(message, "signature")), message.GetRawText()));

        Assert.True(Transaction.TryParse(Convert.FromHexString(Text(result, "transaction")), out Transaction? transaction, out _));
        Assert.Null(payment.FindFault(transaction));
        Assert.Equal(
            messages.Select(static message => Text(message, "signature")),
            transaction.Inputs.Select(static input => Convert.ToHexStringLower(input.Witness[0])));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
