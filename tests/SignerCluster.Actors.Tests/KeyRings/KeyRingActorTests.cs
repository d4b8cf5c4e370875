using Akka.Actor;
using SignerCluster.Actors.KeyRings;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Actors.Tests.KeyRings;

/// <summary>The key ring of a journal as an actor, over the very store whose keys it holds.</summary>
public sealed class KeyRingActorTests : ActorsTest
{
    private readonly MemoryJournal _store = new();
    private readonly Quarantine _quarantine = SealedStores.NoQuarantine;
    private IActorRef _ring;

    public KeyRingActorTests() => _ring = StartRing();

    [Fact]
    public async Task K1_A_rotation_is_one_write_that_activates_its_epoch_in_the_store()
    {
        KeyRingState ring = Granted(await AskAsync(Rotation(1)));
        Assert.Equal((1, KeyPhase.Active, 10L), (ring.Active!.Epoch, ring.Active.Phase, ring.Active.MessagesReserved));
        Assert.Equal(1, await _store.ReadKeyEpochAsync(CancellationToken.None));
        Assert.Equal(3, await _store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None));
        Granted(await AskAsync(Rotation(2)));
        Assert.Equal(2, await _store.ReadKeyEpochAsync(CancellationToken.None));
    }

    [Fact]
    public async Task K2_Looking_and_refusals_write_nothing()
    {
        Granted(await AskAsync(Rotation(1)));
        Assert.Equal(1, Granted(await AskAsync(new KeyRingCommand.Show())).Active!.Epoch);
        Assert.IsType<KeyRingAnswer.Refused>(await AskAsync(Rotation(1)));
        Assert.Equal(3, await _store.ReadVersionAsync(EntityAddress.KeyRing, CancellationToken.None));
    }

    [Fact]
    public async Task K1_A_ring_that_was_overtaken_by_another_process_says_so_and_the_next_activation_knows()
    {
        Granted(await AskAsync(Rotation(1)));
        IActorRef overtaken = _ring;
        IActorRef other = _ring = StartRing();
        Granted(await AskAsync(Rotation(2)));

        _ring = overtaken;
        Task ended = HasEndedAsync(overtaken);
        Assert.Equal(new KeyRingAnswer.Failed(JournalException.ContendedCode, IsTransient: true), await AskAsync(new KeyRingCommand.Show()));
        await ended;
        Assert.Equal(new KeyRingAnswer.Failed(JournalException.EntityFailedCode, IsTransient: true), await AskAsync(new KeyRingCommand.Show()));
        _ring = other;
        Assert.Equal(2, Granted(await AskAsync(new KeyRingCommand.Show())).Active!.Epoch);
    }

    [Fact]
    public async Task K4_A_ring_whose_history_is_damaged_is_in_quarantine_until_it_is_restored()
    {
        Granted(await AskAsync(Rotation(1)));
        IReadOnlyList<JournalRow> good = await _store.ReadAsync(EntityAddress.KeyRing, 0, CancellationToken.None);
        _store.Damage(EntityAddress.KeyRing, static row => row.SequenceNumber == 2 ? null : row);
        _ring = StartRing();
        Assert.Equal(UnreadableHistoryException.RefusalCode, Assert.IsType<KeyRingAnswer.Refused>(await AskAsync(Rotation(2))).Refusal.Code);
        Assert.Single(_quarantine.Entities);
        _store.Restore(EntityAddress.KeyRing, good);
        _ring = StartRing();
        Assert.Equal(2, Granted(await AskAsync(Rotation(2))).Active!.Epoch);
        Assert.Empty(_quarantine.Entities);
    }

    private static KeyRingCommand.Rotate Rotation(int epoch) => new(epoch, new KeyId((ulong)epoch), new KeyId(99), ByteString.From(new byte[60]), Reserve: 10);

    private static KeyRingState Granted(KeyRingAnswer answer) => Assert.IsType<KeyRingAnswer.Granted>(answer).Ring;

    private IActorRef StartRing() => Sys.ActorOf(KeyRingActor.Props(PluginOverStore(_store), _quarantine));

    private Task<KeyRingAnswer> AskAsync(KeyRingCommand command) => _ring.Ask<KeyRingAnswer>(new ToKeyRing(command), RemainingOrDefault);
}
