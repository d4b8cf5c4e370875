using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>The log of a chain's records against RFC 6962's definition, written out as it stands there.</summary>
public class MerkleLogTests
{
    private static readonly TaggedHash _leaf = new("SignerCluster/guardian/leaf/v1");
    private static readonly TaggedHash _node = new("SignerCluster/guardian/node/v1");

    [Fact]
    public void Roots_and_paths_are_those_of_RFC_6962_and_every_path_proves_its_leaf_and_no_other()
    {
        MerkleLog log = MerkleLog.Empty;
        Bytes32[] hashes = [.. Enumerable.Range(0, 40).Select(static number => Party.Hash($"record {number}"))];
        for (int count = 1; count <= hashes.Length; count++)
        {
            log = log.With(hashes[count - 1]);
            Assert.Equal((count, RootOf(hashes[..count])), ((int)log.Count, log.Root));
            for (int index = 0; index < count; index++)
            {
                IReadOnlyList<Bytes32> path = log.PathOf(index);
                Assert.Equal(PathOf(hashes[..count], index), path);
                Assert.True(MerkleLog.Verify(hashes[index], index, count, path, log.Root));
                Assert.False(MerkleLog.Verify(hashes[(index + 1) % hashes.Length], index, count, path, log.Root));
                Assert.False(count > 1 && MerkleLog.Verify(hashes[index], (index + 1) % count, count, path, log.Root));
                Assert.False(MerkleLog.Verify(hashes[index], index, count, [.. path, default], log.Root));
                Assert.False(count > 1 && MerkleLog.Verify(hashes[index], index, count, [.. path.Skip(1)], log.Root));
            }
        }
    }

    [Fact]
    public void G9_A_log_tells_the_root_that_it_had_at_every_earlier_size()
    {
        Bytes32[] hashes = [.. Enumerable.Range(0, 40).Select(static number => Party.Hash($"record {number}"))];
        MerkleLog log = hashes.Aggregate(MerkleLog.Empty, static (log, hash) => log.With(hash));
        Assert.Equal(default, log.RootAt(0));
        Assert.All(Enumerable.Range(1, hashes.Length), count => Assert.Equal(RootOf(hashes[..count]), log.RootAt(count)));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.RootAt(hashes.Length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.RootAt(-1));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void A_place_outside_the_log_proves_nothing(long index, long count) =>
        Assert.False(MerkleLog.Verify(Party.Hash("a"), index, count, [], MerkleLog.Empty.With(Party.Hash("a")).Root));

    [Fact]
    public void G6_A_guardian_proves_a_withdrawal_and_the_proof_fails_for_any_other_record()
    {
        GuardianSpecification guardian = GuardianSpecification.Guarded().WhenWithdrawn(1, 10).WhenWithdrawn(2, 10).WhenWithdrawn(3, 10);
        GuardianReply.Proved proved = Assert.IsType<GuardianReply.Proved>(guardian.When(new GuardianCommand.Prove(GuardianSpecification.Id(2))).Reply);
        Assert.Equal(4, proved.Proof.Size);
        Assert.True(proved.Proof.Proves(proved.Withdrawal));
        Assert.False(proved.Proof.Proves(proved.Withdrawal with { Debit = 11 }));
        Assert.False(proved.Proof.Proves(guardian.Chain[1]));
        guardian.When(new GuardianCommand.Prove(GuardianSpecification.Id(9))).ThenRefused("withdrawal_not_found");
    }

    private static Bytes32 RootOf(Bytes32[] hashes) => hashes.Length == 1
        ? _leaf.Compute(hashes[0].AsSpan())
        : _node.Compute([.. RootOf(hashes[..Half(hashes.Length)]).AsSpan(), .. RootOf(hashes[Half(hashes.Length)..]).AsSpan()]);

    private static Bytes32[] PathOf(Bytes32[] hashes, int index) => hashes.Length switch
    {
        1 => [],
        int count when index < Half(count) => [.. PathOf(hashes[..Half(count)], index), RootOf(hashes[Half(count)..])],
        int count => [.. PathOf(hashes[Half(count)..], index - Half(count)), RootOf(hashes[..Half(count)])],
    };

    private static int Half(int count)
    {
        int half = 1;
        while (half * 2 < count)
        {
            half *= 2;
        }

        return half;
    }
}
