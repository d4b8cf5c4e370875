using SignerCluster.Protocol.Guardian;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.Guardian.GuardianEvent, SignerCluster.Protocol.Guardian.GuardianEffect, SignerCluster.Protocol.Guardian.GuardianReply>;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>A guardian from its checkpoints and the rows after them is the guardian of all its rows.</summary>
public sealed class CheckpointTests
{
    private static readonly GuardianRules _rules = new(new LimiterWindow("hour", 1_000_000, 100), MaximumAge: 1800, MaximumSkew: 300, LooseningDelay: 1000);

    [Theory]
    [InlineData(1, 300, 40)]
    [InlineData(2, 300, 1)]
    [InlineData(3, 9_000, 2_500)]
    [InlineData(4, 20_000, 20_000)]
    public void S1_Checkpoints_and_what_comes_after_them_give_what_a_replay_of_everything_gives(int seed, int rows, int between)
    {
        Random random = new(seed);
        GuardianState replayed = GuardianDecider.Initial(GuardianSpecification.Group);
        List<GuardianCheckpoint> pieces = [];
        CheckpointMark mark = default;
        List<GuardianEvent> after = [];
        for ((int row, int next) = (0, 1 + random.Next(between)); row < rows; row++)
        {
            GuardianEvent @event = MakeEvent(random, replayed, row);
            replayed = GuardianDecider.Decider.Evolve(replayed, @event);
            after.Add(@event);
            if (row == next && replayed.Position > mark.Position)
            {
                pieces.AddRange(GuardianCheckpoint.Take(replayed, row + 1, mark));
                Assert.Equal(mark.With(replayed), mark = CheckpointMark.At(replayed, pieces.Count));
                after.Clear();
            }

            next = row == next ? next + 1 + random.Next(between) : next;
        }

        Assert.NotEmpty(pieces);
        GuardianState restored = after.Aggregate(GuardianCheckpoint.Restore(pieces), GuardianDecider.Decider.Evolve);

        AssertSame(replayed, restored, random);
        // And goes on alike, across the end of a block of the tree.
        for (int row = rows; row < rows + 200; row++)
        {
            GuardianEvent @event = MakeEvent(random, replayed, row);
            (replayed, restored) = (GuardianDecider.Decider.Evolve(replayed, @event), GuardianDecider.Decider.Evolve(restored, @event));
        }

        AssertSame(replayed, restored, random);
    }

    [Fact]
    public void A8_What_is_in_a_checkpoint_is_not_accepted_again()
    {
        GuardianSpecification guardian = GuardianSpecification.Guarded().WhenWithdrawn(1, 10).WhenWithdrawn(2, 10);
        GuardianState restored = GuardianCheckpoint.Restore(GuardianCheckpoint.Take(guardian.State, 3, default));

        Assert.Equal("withdrawal_conflict", Refused(new GuardianCommand.Withdraw(GuardianSpecification.Id(1), GuardianSpecification.Txid(9), 10, null)));
        Assert.Equal(
            "transaction_already_withdrawn", Refused(new GuardianCommand.Withdraw(GuardianSpecification.Id(9), GuardianSpecification.Txid(2), 10, null)));
        GuardianEvent again = guardian.History[^1];
        Assert.ThrowsAny<Exception>(() => GuardianDecider.Decider.Evolve(restored, again));

        string Refused(GuardianCommand command) =>
            Assert.IsType<Decision.Refused>(GuardianDecider.Decide(restored, new GuardianAsked(command, guardian.Now))).Refusal.Code;
    }

    [Fact]
    public void S2_Pieces_that_are_not_one_another_s_are_refused()
    {
        GuardianSpecification guardian = GuardianSpecification.Guarded().WhenWithdrawn(1, 10);
        GuardianCheckpoint first = Assert.Single(GuardianCheckpoint.Take(guardian.State, 2, default));
        CheckpointMark mark = CheckpointMark.At(guardian.State, 1);
        guardian.WhenWithdrawn(2, 10).WhenWithdrawn(3, 10);
        GuardianCheckpoint second = Assert.Single(GuardianCheckpoint.Take(guardian.State, 4, mark));
        mark = mark.With(guardian.State);
        guardian.WhenWithdrawn(4, 10);
        GuardianCheckpoint third = Assert.Single(GuardianCheckpoint.Take(guardian.State, 5, mark));
        ReadOnlySpan<byte> withdrawals = second.Withdrawals.AsSpan();
        GuardianCheckpoint cut = second with { Withdrawals = ByteString.From(withdrawals[..^1]) };
        GuardianCheckpoint cutLeaf = second with { Leaves = ByteString.From(second.Leaves.AsSpan()[..^1]) };

        Assert.Equal(4, GuardianCheckpoint.Restore([first, second]).Position);
        Assert.All(
            (IReadOnlyList<GuardianCheckpoint>[])
            [
                [second], [second, first], [first, first], [first, second, second], [second, first, third], [first, cut], [first, cutLeaf],
            ],
            static pieces => Assert.Throws<ArgumentException>(() => GuardianCheckpoint.Restore(pieces)));
    }

    [Fact]
    public void A_chain_that_has_not_grown_makes_no_checkpoint()
    {
        GuardianState state = GuardianSpecification.Guarded().State;
        Assert.Empty(GuardianCheckpoint.Take(state, 1, CheckpointMark.At(state, 1)));
        Assert.Empty(GuardianCheckpoint.Take(GuardianDecider.Initial(GuardianSpecification.Group), 0, default));
    }

    private static void AssertSame(GuardianState replayed, GuardianState restored, Random random)
    {
        Assert.Equal(replayed, restored with { Withdrawals = replayed.Withdrawals, Log = replayed.Log });
        Assert.Equal((replayed.Log.Count, replayed.Log.Root), (restored.Log.Count, restored.Log.Root));
        Assert.All(
            Enumerable.Range(0, 50).Select(_ => random.NextInt64(replayed.Log.Count)),
            position => Assert.Equal(replayed.Log.PathOf(position), restored.Log.PathOf(position)));
        Assert.Equal(replayed.Withdrawals.Count, restored.Withdrawals.Count);
        Assert.Equal(replayed.Withdrawals.From(0), restored.Withdrawals.From(0));
        Assert.Equal(replayed.Withdrawals.List(7, 20), restored.Withdrawals.List(7, 20));
        Assert.All(replayed.Withdrawals.From(0), known =>
        {
            Assert.Equal(known, restored.Withdrawals.Find(known.Record.Id));
            Assert.Equal(known.Record.Id, restored.Withdrawals.IdOf(known.Record.Txid));
        });
        Assert.Null(restored.Withdrawals.Find(SessionId.Parse("never")));
        Assert.Null(restored.Withdrawals.IdOf(default));
    }

    /// <summary>One event that the guardian decides to write; most often a withdrawal, some of them of old times.</summary>
    private static GuardianEvent MakeEvent(Random random, GuardianState state, int row)
    {
        ulong now = GuardianSpecification.Start + ((ulong)row * 10);
        while (true)
        {
            GuardianCommand command = (state.Rules is null ? 0 : random.Next(40)) switch
            {
                0 => new GuardianCommand.Configure(_rules with { MaximumSkew = (ulong)random.Next(300) }),
                1 => new GuardianCommand.Freeze($"freeze {row}"),
                2 => new GuardianCommand.Stop($"stop {row}"),
                _ when state.FrozenBecause is not null => new GuardianCommand.Unfreeze($"unfreeze {row}"),
                _ when state.StoppedBecause is not null => new GuardianCommand.Resume($"resume {row}"),
                _ => new GuardianCommand.Withdraw(GuardianSpecification.Id(row), GuardianSpecification.Txid(row), (ulong)random.Next(1, 900), null),
            };
            if (GuardianDecider.Decide(state, new GuardianAsked(command, now)) is Decision.Accepted { Events: [var first, ..] })
            {
                return first is GuardianEvent.Recorded recorded && random.Next(10) == 0 ? recorded with { NotedAt = now + 5000 } : first;
            }
        }
    }
}
