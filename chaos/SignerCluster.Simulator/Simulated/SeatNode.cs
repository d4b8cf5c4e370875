using System.Diagnostics.CodeAnalysis;
using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Participants;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A node that holds a seat.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A crash abandons what the node is made of; only an orderly stop disposes it.")]
internal sealed class SeatNode(World world, Operator owner, string name, int number) : MailboxNode(world, owner, name, number)
{
    private Participant? _participant;

    private protected override void Assemble(Incarnation life, IJournal journal, Quarantine quarantine)
    {
        World simulated = World;
        _participant = new Participant(
            journal,
            (group, seat) => seat == Owner.Seat ? simulated.Group.ShareOf(group, seat) : null,
            group => simulated.Group.Standing(group, Frost.SeatSet.Of(Owner.Seat!.Value)),
            () => ((MailboxNetwork)simulated.Network).Endpoint(this),
            simulated.Limits.Participant,
            quarantine,
            simulated.Draw,
            life.Time);
        Mailboxes = Host(life, EntityKind.SigningSession, _participant.Activate);
    }

    private protected override async Task ResumeAsync() => await _participant!.NoteOpenAsync(CancellationToken.None);

    private protected override async Task StopAsync()
    {
        if (Mailboxes is { } mailboxes)
        {
            await mailboxes.DisposeAsync();
            _participant!.Dispose();
        }
    }
}
