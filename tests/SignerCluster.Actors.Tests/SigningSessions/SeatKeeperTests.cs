using SignerCluster.Actors.SigningSessions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.Tests.SigningSessions;

/// <summary>What a keeper draws when the source of entropy is at its worst.</summary>
public sealed class SeatKeeperTests : IDisposable
{
    private static readonly SeatId _seat = new(0);
    private readonly TestGroup _group = new(2, 3);
    private readonly NonceVault _vault = new(new NonceVaultSettings(), TimeProvider.System);

    [Fact]
    public void N1_No_two_nonces_of_a_payment_are_equal_though_its_messages_are_and_the_entropy_repeats()
    {
        // Two equal messages are two challenges, because the other signers' nonces differ: a nonce for both would give the share away.
        Batch<Commitment> first = Draw(number: 1);
        Assert.Equal(first.Count, first.Distinct().Count());
        Assert.Empty(first.Intersect(Draw(number: 2)));
    }

    [Fact]
    public void N10_Where_one_nonce_of_many_cannot_be_drawn_the_vault_gets_none()
    {
        int left = 20;
        SeatKeeper keeper = new(_vault, (_, seat) => _group.ShareOf(seat), random =>
        {
            if (Interlocked.Decrement(ref left) < 0)
            {
                throw new InvalidOperationException("The source of entropy is gone.");
            }

            _group.Draw(random);
        });
        Assert.ThrowsAny<Exception>(() => keeper.TryPerform(Task(number: 1), out _, out _));
        Assert.Equal(0, _vault.Count);
    }

    public void Dispose()
    {
        _vault.Dispose();
        _group.Dispose();
    }

    private SigningSessionSecret.DrawNonce Task(int number)
    {
        SigningRequest one = _group.Request(1);
        SigningRequest request = one with { Message = Batch.Of(Enumerable.Repeat(one.Message.Single, 40)) };
        SessionId session = SessionId.Parse("s1");
        AttemptContext attempt = AttemptContext.Derive(session, request, number, _group.Public.Seats);
        return new SigningSessionSecret.DrawNonce(new SeatAddress(_group.Id, session, _seat), attempt, _group.Public, request.Message);
    }

    private Batch<Commitment> Draw(int number)
    {
        SeatKeeper keeper = new(_vault, (_, seat) => _group.ShareOf(seat), static random => random.Clear());
        Assert.True(keeper.TryPerform(Task(number), out var step, out _));
        using (step)
        {
            return Assert.IsType<SessionCommand.RecordCommitment>(step.Result).Commitment;
        }
    }
}
