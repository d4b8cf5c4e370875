using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Host.Tests;

public sealed class AdviceTests
{
    [Theory]
    [InlineData(Refusals.UnknownGroupCode, "signer group list")]
    [InlineData(Refusals.RawNotAllowedCode, "--allow-raw")]
    [InlineData(Refusals.PartialSighashNotAllowedCode, "--allow-partial-sighash")]
    [InlineData("psbt_fee_too_high", "--maximum-fee (")]
    [InlineData("psbt_fee_rate_too_high", "payments.maximum-fee-rate")]
    [InlineData("entity_quarantined", "signer journal verify")]
    [InlineData("guardian_missing", "signer guardian configure")]
    [InlineData("withdrawal_required", "signer withdraw")]
    [InlineData("group_frozen", "signer guardian unfreeze")]
    [InlineData("group_stopped", "signer guardian resume")]
    public void A_refusal_that_an_operator_can_mend_says_with_which_command(string code, string command) =>
        Assert.Equal($"No. {command}", Short(Advice.Worded(Refusal.Terminal(code, "No.")), command));

    [Theory]
    [InlineData("seat 1 declined with unknown_group", true)]
    [InlineData("seat 1 declined with seat_not_held", true)]
    [InlineData("seat 1 sent a bad share", false)]
    public void Too_few_seats_are_told_to_be_installed_only_where_one_was_not(string reasons, bool isTold)
    {
        Refusal refusal = Refusals.InsufficientSeats(2, 1, reasons);
        Assert.Equal(isTold, Advice.Worded(refusal).Contains("signer seat install --config FILE --bundle FILE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", "That is from 1970-01-01 00:00:00 UTC on, unless something else is withdrawn before.")]
    [InlineData("1790000000", "That is from 2026-09-21 14:13:20 UTC on, unless something else is withdrawn before.")]
    [InlineData("18446744073709551615", "That is from second 18446744073709551615 on, unless something else is withdrawn before.")]
    [InlineData("never", "That window is never filled up again: its rules must be changed first.")]
    public void A_limit_tells_people_from_when_it_is_none(string at, string said) =>
        Assert.Equal($"No. {said}", Advice.Worded(Refusal.Recoverable("withdrawal_rate_limited", "No.", ("availableAt", at))));

    [Fact]
    public void What_no_command_mends_is_said_as_it_is() =>
        Assert.Equal(Refusals.SeatNotHeld(new SeatId(1)).Message, Advice.Worded(Refusals.SeatNotHeld(new SeatId(1))));

    /// <summary>The message and the command in the advice after it.</summary>
    private static string Short(string worded, string command) => worded.Contains(command, StringComparison.Ordinal) ? $"{worded[..3]} {command}" : worded;
}
