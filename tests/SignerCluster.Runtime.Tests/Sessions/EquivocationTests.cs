using SignerCluster.Conformance;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>A7 in the loop: a refusal that keeps evidence is answered when the evidence is durable, and not before.</summary>
public sealed class EquivocationTests : IDisposable
{
    private const string Evidence = "signing-session.equivocation-seen.v1";
    private readonly SeatBench _seat = new();

    public void Dispose() => _seat.Dispose();

    [Fact]
    public async Task A7_The_evidence_is_in_the_journal_once_whoever_asks_how_often()
    {
        (SigningPackage first, Share share, SigningPackage second) = await EquivocateAsync();
        Assert.Equal("consumed_nonce_replay", (await _seat.AskAsync(new SeatRequest.SignShare(second))).RefusalCode());
        Assert.Equal(Evidence, (await _seat.ManifestsAsync())[^1]);
        int appends = _seat.Journal.Appends;

        using SeatBench restarted = _seat.Restarted();
        Assert.Equal("consumed_nonce_replay", (await restarted.AskAsync(new SeatRequest.SignShare(second))).RefusalCode());
        Assert.Equal(share, (await restarted.AskAsync(new SeatRequest.SignShare(first))).Share());
        Assert.Equal(appends, _seat.Journal.Appends);
    }

    [Theory]
    [InlineData(nameof(Fate.NotWritten), "disk_full")]
    [InlineData(nameof(Fate.UnknownAndWritten), "connection_lost")]
    [InlineData(nameof(Fate.UnknownAndNotWritten), "connection_lost")]
    public async Task A7_When_the_evidence_may_not_be_written_the_command_failed_and_is_refused_on_the_next_try(string fate, string fault)
    {
        (SigningPackage first, Share share, SigningPackage second) = await EquivocateAsync();
        _seat.Journal.Next(Enum.Parse<Fate>(fate));
        IReadOnlyList<SeatAnswer> together = await _seat.AskAllAsync(new SeatRequest.SignShare(first), new SeatRequest.SignShare(second));
        Assert.Equal(fault, together[1].FaultCode());
        if (fate == nameof(Fate.NotWritten))
        {
            Assert.Equal(share, together[0].Share());
        }

        Assert.Equal(share, (await _seat.AskAsync(new SeatRequest.SignShare(first))).Share());

        Assert.Equal("consumed_nonce_replay", (await _seat.AskAsync(new SeatRequest.SignShare(second))).RefusalCode());
        Assert.Single(await _seat.ManifestsAsync(), Evidence);
    }

    private async Task<(SigningPackage First, Share Share, SigningPackage Second)> EquivocateAsync()
    {
        SigningPackage first = await _seat.JoinAsync(1);
        SigningPackage second = _seat.Package(1, _seat.Vault.Holding(_seat.Address)!.Commitment);
        Assert.NotEqual(first.ComputeHash(), second.ComputeHash());
        return (first, (await _seat.AskAsync(new SeatRequest.SignShare(first))).Share(), second);
    }
}
