using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Participants;

namespace SignerCluster.Runtime.Embedded;

/// <summary>What a participant of an embedded cluster is made of. The journal and the groups outlive a restart; its nonces do not.</summary>
public sealed record ParticipantParts(IJournal Journal, GroupDirectory Groups, Quarantine Quarantine);

/// <summary>A running participant of an embedded cluster: its mailboxes and its nonces.</summary>
internal sealed class ParticipantNode : IAsyncDisposable
{
    private readonly Participant _participant;
    private readonly Mailboxes _mailboxes;

    internal ParticipantNode(ParticipantParts parts, EmbeddedClusterSettings settings, Func<IEngine> engine, Entropy entropy, TimeProvider time)
    {
        _participant = new Participant(parts.Journal, parts.Groups.ShareOf, parts.Groups.StandingOf, engine, settings.Participant, parts.Quarantine, entropy, time);
        _mailboxes = new Mailboxes(
            settings.Mailboxes, time, new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [EntityKind.SigningSession] = _participant.Activate });
    }

    internal IEngine Engine => _mailboxes;

    internal ValueTask<int> NoteOpenAsync(CancellationToken cancellation) => _participant.NoteOpenAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _mailboxes.DisposeAsync();
        _participant.Dispose();
    }
}
