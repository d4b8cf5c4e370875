using SignerCluster.Actors.SigningSessions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.Tests.SigningSessions;

public sealed class NonceVaultTests : IDisposable
{
    private readonly TestGroup _group = new(2, 3);
    private readonly ManualTime _time = new();
    private readonly NonceVault _vault;

    public NonceVaultTests() => _vault = new NonceVault(new NonceVaultSettings { ExpireAfter = TimeSpan.FromMinutes(10), Capacity = 2 }, _time);

    public void Dispose()
    {
        _vault.Dispose();
        _group.Dispose();
    }

    [Fact]
    public async Task N1_Of_many_who_take_at_once_exactly_one_gets_the_nonce()
    {
        SeatAddress seat = Seat("race");
        for (int round = 0; round < 200; round++)
        {
            using SecretNonce nonce = _group.DrawNonce();
            _vault.Put(seat, new SecretNonces(nonce));
            using Barrier start = new(4);
            TakenNonce?[] taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait();
                return _vault.Take(seat, nonce.Commitment);
            })));
            using TakenNonce winner = Assert.Single(taken.OfType<TakenNonce>());
            Assert.False(nonce.IsSpent);
        }
    }

    [Fact]
    public void N1_Only_the_commitment_that_is_held_can_be_taken()
    {
        using SecretNonce held = Put("s1");
        using SecretNonce other = _group.DrawNonce();
        Assert.Null(_vault.Take(Seat("s1"), other.Commitment));
        Assert.Null(_vault.Take(Seat("s2"), held.Commitment));
        using TakenNonce? taken = _vault.Take(Seat("s1"), held.Commitment);
        Assert.Equal(held.Commitment, taken!.Commitment);
        Assert.Null(_vault.Take(Seat("s1"), held.Commitment));
    }

    [Fact]
    public void N10_Replacement_wipe_and_shutdown_destroy_the_secret()
    {
        SecretNonce replaced = Put("s1");
        SecretNonce wiped = Put("s1");
        Assert.True(replaced.IsSpent);
        Assert.False(wiped.IsSpent);
        _vault.Wipe(Seat("s1"));
        Assert.True(wiped.IsSpent);

        SecretNonce last = Put("s2");
        _vault.Dispose();
        Assert.True(last.IsSpent);
        Assert.True(Put("s3").IsSpent);
        Assert.Equal(0, _vault.Count);
    }

    [Fact]
    public void N10_A_taken_nonce_that_is_not_used_is_destroyed_by_its_owner()
    {
        SecretNonce nonce = Put("s1");
        _vault.Take(Seat("s1"), nonce.Commitment)!.Dispose();
        Assert.True(nonce.IsSpent);
    }

    [Fact]
    public void N10_Expiry_destroys_what_is_old_and_leaves_what_is_young()
    {
        SecretNonce old = Put("s1");
        _time.Advance(TimeSpan.FromMinutes(8));
        SecretNonce young = Put("s2");
        _time.Advance(TimeSpan.FromMinutes(4.5));
        Assert.True(old.IsSpent);
        Assert.False(young.IsSpent);
        Assert.Null(_vault.Holding(Seat("s1")));
        Assert.NotNull(_vault.Holding(Seat("s2")));
    }

    [Fact]
    public void A8_Fullness_counts_nonces_and_evicts_none()
    {
        SecretNonce[] nonces = [Put("s1"), Put("s2")];
        Assert.True(_vault.IsFull);
        Assert.All(nonces, static nonce => Assert.False(nonce.IsSpent));
        _vault.Wipe(Seat("s1"));
        Assert.False(_vault.IsFull);
    }

    [Fact]
    public void A8_A_session_of_many_messages_counts_with_all_of_its_nonces_until_they_are_taken()
    {
        SecretNonce[] nonces = [_group.DrawNonce(), _group.DrawNonce(), _group.DrawNonce()];
        _vault.Put(Seat("s1"), new SecretNonces(Batch.Of(nonces)));
        Assert.Equal(3, _vault.Count);
        Assert.True(_vault.IsFull);
        using TakenNonce taken = _vault.Take(Seat("s1"), _vault.Holding(Seat("s1"))!.Commitment)!;
        Assert.Equal(0, _vault.Count);
        taken.Dispose();
        Assert.All(nonces, static nonce => Assert.True(nonce.IsSpent));
    }

    [Fact]
    public void N7_A_bound_nonce_gives_its_one_share_again_and_throws_for_another_package()
    {
        PackageHash package = new(Secp256k1.FixedBytes.From<Secp256k1.Bytes32>(new byte[32]));
        PackageHash another = new(_group.Request(9).Message.Single);
        using SecretNonce nonce = _group.DrawNonce();
        Share share = new(_group.Request(3).Message.Single);
        _vault.PutBound(Seat("s1"), nonce.Commitment, package, share);
        Assert.Equal(new HeldNonce(nonce.Commitment, package), _vault.Holding(Seat("s1")));

        using TakenNonce taken = _vault.Take(Seat("s1"), nonce.Commitment)!;
        Assert.Equal(share, taken.Sign(package, _group.ShareOf(new SeatId(0)), null!).Value);
        Assert.Throws<InvalidOperationException>(() => taken.Sign(another, _group.ShareOf(new SeatId(0)), null!));
    }

    [Fact]
    public void N2_Neither_vault_nor_taken_nonce_shows_a_secret()
    {
        using SecretNonce nonce = Put("s1");
        Assert.Contains("<redacted>", $"{_vault}", StringComparison.Ordinal);
        using TakenNonce taken = _vault.Take(Seat("s1"), nonce.Commitment)!;
        Assert.Contains("<redacted>", $"{taken}", StringComparison.Ordinal);
    }

    private SeatAddress Seat(string session) => new(_group.Id, SessionId.Parse(session), new SeatId(0));

    private SecretNonce Put(string session)
    {
        SecretNonce nonce = _group.DrawNonce();
        _vault.Put(Seat(session), new SecretNonces(nonce));
        return nonce;
    }
}
