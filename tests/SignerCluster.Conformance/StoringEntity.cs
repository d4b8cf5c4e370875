using Akka.Actor;
using Akka.Persistence;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Conformance;

/// <summary>An entity that stores bytes and tells what became of them: what a journal plugin is to the actors above it.</summary>
public sealed class StoringEntity : UntypedPersistentActor
{
    private readonly List<byte[]> _stored = [];
    private IActorRef _writer = ActorRefs.Nobody;
    private Exception? _unrecovered;
    private int _left;

    /// <param name="plugin">The id of the plugin under test.</param>
    public StoringEntity(EntityId id, string plugin) => (PersistenceId, JournalPluginId) = (id.ToString(), plugin);

    public override string PersistenceId { get; }

    public override Recovery Recovery { get; } = new(SnapshotSelectionCriteria.None);

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case StoredEvent stored:
                _stored.Add(stored.Message.ToArray());
                break;
            case UnrecoveredHistory history:
                _unrecovered = history.Cause;
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Store store:
                (_writer, _left) = (Sender, store.Messages.Count);
                PersistAll(store.Messages.Select(static bytes => new StoredEvent("tested", bytes) { LeavesOpen = true }), OnStored);
                break;
            case Show:
                Sender.Tell(new Shown([.. _stored], LastSequenceNr, _unrecovered));
                break;
            case AskHead:
                Journal.Tell(new ReplayMessages(HeadQuestion.From, 0, 0, PersistenceId, Sender));
                break;
            case Leave:
                Context.Stop(Self);
                break;
            case Delete:
                _writer = Sender;
                DeleteMessages(1);
                break;
            case DeleteMessagesFailure or DeleteMessagesSuccess:
                _writer.Tell(message);
                break;
        }
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _writer.Tell(AppendFailedException.OutcomeOf(cause));

    private void OnStored(StoredEvent stored)
    {
        _stored.Add(stored.Message.ToArray());
        if (--_left == 0)
        {
            _writer.Tell(new AppendOutcome.Appended(LastSequenceNr));
        }
    }

    /// <summary>Is answered with an <see cref="AppendOutcome"/>.</summary>
    public sealed record Store(params IReadOnlyList<byte[]> Messages);

    /// <summary>Is answered with <see cref="Shown"/>.</summary>
    public sealed record Show;

    /// <summary>What the entity knows of itself.</summary>
    public sealed record Shown(IReadOnlyList<byte[]> Messages, long Version, Exception? Unrecovered);

    /// <summary>Asks the journal for the head; its answer goes to the asker.</summary>
    public sealed record AskHead;

    /// <summary>Ends the activation.</summary>
    public sealed record Leave;

    /// <summary>Asks the journal to delete; its answer goes to the asker.</summary>
    public sealed record Delete;
}
