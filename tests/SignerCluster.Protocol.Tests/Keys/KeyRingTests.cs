using SignerCluster.Protocol.KeyRing;
using static SignerCluster.Protocol.Tests.Keys.KeyRingSpecification;

namespace SignerCluster.Protocol.Tests.Keys;

/// <summary>How a ring orders the epochs of its keys.</summary>
public class KeyRingTests
{
    private static KeyRingSpecification Ring => new();

    [Fact]
    public void K1_A_rotation_adds_the_key_activates_it_and_reserves_its_first_messages_in_one_append()
    {
        KeyRingSpecification ring = Ring.When(Rotation(1)).Then(Rotated(1));
        Assert.Equal(1, ring.State.Active!.Epoch);
        ring.When(Rotation(2)).Then(Rotated(2));
        Assert.Equal(2, ring.State.Active!.Epoch);
        Assert.Equal(KeyPhase.Superseded, ring.State.Find(1)!.Phase);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void K1_Of_two_who_rotate_at_once_the_slower_is_told_that_its_epoch_is_taken(int epoch) =>
        Ring.GivenRotations(2).When(Rotation(epoch)).ThenRefused("key_epoch_taken");

    [Fact]
    public void K1_A_key_wrapped_under_another_key_encryption_key_does_not_join() =>
        Ring.GivenRotations(1).When(Rotation(2, OtherKek)).ThenRefused("key_mismatch");

    [Fact]
    public void K1_A_key_that_the_ring_has_already_does_not_join_under_a_second_epoch() =>
        Ring.GivenRotations(1).When(Rotation(2) with { Id = new KeyId(1) }).ThenRefused("key_repeated");

    [Fact]
    public void Messages_are_reserved_under_the_active_key_and_add_up() => Ring.GivenRotations(1)
        .When(new KeyRingCommand.ReserveMessages(1, 5, 100)).Then(new KeyRingEvent.MessagesReserved(1, 15))
        .When(new KeyRingCommand.ReserveMessages(1, 85, 100)).Then(new KeyRingEvent.MessagesReserved(1, 100));

    [Theory]
    [InlineData(91)]
    [InlineData(long.MaxValue)]
    public void A_key_never_seals_more_messages_than_it_may(long count) =>
        Ring.GivenRotations(1).When(new KeyRingCommand.ReserveMessages(1, count, 100)).ThenRefused("key_exhausted");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void K1_Messages_are_not_reserved_under_an_epoch_that_is_not_the_active_one(int epoch) =>
        Ring.GivenRotations(2).When(new KeyRingCommand.ReserveMessages(epoch, 1, 100)).ThenRefused("key_epoch_stale");

    [Fact]
    public void An_empty_ring_has_nothing_to_reserve_under() => Ring.When(new KeyRingCommand.ReserveMessages(0, 1, 100)).ThenRefused("key_epoch_stale");

    [Fact]
    public void K6_A_superseded_key_that_nothing_needs_is_retired_once() => Ring.GivenRotations(2)
        .When(new KeyRingCommand.Retire(1, 0)).Then(new KeyRingEvent.KeyRetired(1))
        .When(new KeyRingCommand.Retire(1, 0)).Then();

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void K6_A_key_that_is_active_or_still_needed_is_not_retired(int epoch, long neededBy) =>
        Ring.GivenRotations(2).When(new KeyRingCommand.Retire(epoch, neededBy)).ThenRefused("key_in_use");

    [Fact]
    public void An_epoch_that_never_was_cannot_be_retired() => Ring.GivenRotations(1).When(new KeyRingCommand.Retire(9, 0)).ThenRefused("key_epoch_unknown");

    [Fact]
    public void A_ring_is_rewrapped_whole_but_for_retired_keys()
    {
        WrappedKey[] anew = [new(2, Wrapped(102)), new(3, Wrapped(103))];
        KeyRingSpecification ring = Ring.GivenRotations(3).Given(new KeyRingEvent.KeyRetired(1))
            .When(new KeyRingCommand.Rewrap(Kek, OtherKek, anew)).Then(new KeyRingEvent.KeysRewrapped(OtherKek, anew));
        Assert.Equal(OtherKek, ring.State.WrappedUnder);
        Assert.Equal([ByteString.Empty, Wrapped(102), Wrapped(103)], ring.State.Keys.Select(static key => key.Wrapped));
        ring.When(Rotation(4)).ThenRefused("key_mismatch");
    }

    [Fact]
    public void A_rewrap_that_leaves_out_or_adds_a_key_is_refused()
    {
        Ring.GivenRotations(2).When(new KeyRingCommand.Rewrap(Kek, OtherKek, [new(2, Wrapped(9))])).ThenRefused("key_epoch_taken");
        Ring.GivenRotations(1).When(new KeyRingCommand.Rewrap(Kek, OtherKek, [new(1, Wrapped(9)), new(2, Wrapped(9))])).ThenRefused("key_epoch_taken");
    }

    [Fact]
    public void A_rewrap_from_another_key_than_the_rings_is_refused_and_one_to_the_same_key_changes_nothing()
    {
        Ring.GivenRotations(1).When(new KeyRingCommand.Rewrap(OtherKek, Kek, [new(1, Wrapped(9))])).ThenRefused("key_mismatch");
        Ring.GivenRotations(1).When(new KeyRingCommand.Rewrap(Kek, Kek, [new(1, Wrapped(9))])).Then();
    }

    public static TheoryData<string, KeyRingEvent[]> Impossible => new()
    {
        { "an epoch is left out", [.. Rotated(1), .. Rotated(3)] },
        { "an epoch comes twice", [.. Rotated(1), Rotated(1)[0]] },
        { "a key is activated before it was added", [new KeyRingEvent.KeyActivated(1)] },
        { "an earlier epoch becomes active again", [.. Rotated(1), .. Rotated(2), new KeyRingEvent.KeyActivated(1)] },
        { "the active key is retired", [.. Rotated(1), new KeyRingEvent.KeyRetired(1)] },
        { "a key is retired twice", [.. Rotated(1), .. Rotated(2), new KeyRingEvent.KeyRetired(1), new KeyRingEvent.KeyRetired(1)] },
        { "a reservation shrinks", [.. Rotated(1), new KeyRingEvent.MessagesReserved(1, 10)] },
        { "messages are reserved under a superseded key", [.. Rotated(1), .. Rotated(2), new KeyRingEvent.MessagesReserved(1, 11)] },
        { "a key under another key-encryption key joins", [.. Rotated(1), new KeyRingEvent.KeyAdded(2, new KeyId(2), OtherKek, Wrapped(2))] },
        { "a rewrap forgets a key", [.. Rotated(1), new KeyRingEvent.KeysRewrapped(OtherKek, [])] },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void D6_A_history_that_no_ring_wrote_is_not_evolved(string what, KeyRingEvent[] history)
    {
        Exception thrown = Assert.ThrowsAny<Exception>(() => Ring.Given(history).State);
        Assert.True(thrown is System.Diagnostics.UnreachableException, $"{what}: {thrown}");
    }

    [Fact]
    public void K1_Whatever_is_asked_the_active_epoch_only_grows_and_at_most_one_key_is_active()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        KeyRingSpecification ring = Ring;
        for (int step = 0; step < 500; step++)
        {
            int before = ring.State.Active?.Epoch ?? 0;
            ring.When(random.Next(4) switch
            {
                0 => Rotation(random.Next(ring.State.NextEpoch + 2)),
                1 => new KeyRingCommand.Retire(random.Next(ring.State.NextEpoch + 1), random.Next(2)),
                2 => new KeyRingCommand.ReserveMessages(random.Next(ring.State.NextEpoch + 1), random.Next(1, 20), 40),
                _ => new KeyRingCommand.Rewrap(Kek, Kek, []),
            });
            KeyRingState state = ring.State;
            Assert.True((state.Active?.Epoch ?? 0) >= before, $"Seed {seed}, step {step}.");
            Assert.True(state.Keys.Count(static key => key.Phase == KeyPhase.Active) <= 1, $"Seed {seed}, step {step}.");
            Assert.All(state.Keys, key => Assert.True(key.MessagesReserved <= 40, $"Seed {seed}, step {step}."));
        }
    }

    [Theory]
    [InlineData("00000000000000aa", true)]
    [InlineData("00000000000000AA", false)]
    [InlineData("aa", false)]
    [InlineData("0x000000000000aa", false)]
    [InlineData(" 0000000000000aa", false)]
    [InlineData(null, false)]
    public void A_key_id_has_one_spelling(string? text, bool valid)
    {
        Assert.Equal(valid, KeyId.TryParse(text, out KeyId id));
        Assert.Equal(valid ? text : "0000000000000000", id.ToString());
    }
}
