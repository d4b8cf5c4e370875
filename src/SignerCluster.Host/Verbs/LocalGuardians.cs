using System.Diagnostics;
using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.Guardian.GuardianEvent, SignerCluster.Protocol.Guardian.GuardianEffect, SignerCluster.Protocol.Guardian.GuardianReply>;

namespace SignerCluster.Host.Verbs;

/// <summary>
/// The guardians of a data directory as its journals tell of them, also beside a running signer. Questions are decided as a guardian decides them, and nothing
/// is written.
/// </summary>
internal sealed class LocalGuardians(LookedAtCluster cluster, TimeProvider time)
{
    internal ulong Now => (ulong)time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The coordinator's guardian and those of all seats that have written. Throws <see cref="ApiException"/> for an unknown group.</summary>
    internal async Task<GuardianResponse> ShowAsync(GroupId group, CancellationToken cancellation)
    {
        GuardianView coordinators = ((GuardianReply.Shown)await AskAsync(group, new GuardianCommand.Show(), cancellation)).View;
        SortedDictionary<int, GuardianViewResponse> seats = [];
        long elsewhere = 0;
        foreach (NodeDirectory node in cluster.Participants)
        {
            try
            {
                await ReadSeatsAsync(node, group, seats, cancellation);
            }
            catch (Exception fault) when (fault is JournalException or KeyProviderException or DataDirectoryException or UnreadableHistoryException)
            {
                // How far its seats are cannot be said, and must not hide the others.
                elsewhere = -1;
            }
        }

        IEnumerable<long> folded = Enumerable.Range(0, cluster.Groups.StandingOf(group).Group!.Participants)
            .Select(seat => seats.TryGetValue(seat, out GuardianViewResponse? view) ? view.Records : elsewhere);
        return new GuardianResponse(group.ToString(), [GuardianViewResponse.Of(seat: null, coordinators, [.. folded]), .. seats.Values]);
    }

    /// <summary>What the coordinator's guardian says to a question. Throws <see cref="ApiException"/> where it refuses, and for an unknown group.</summary>
    internal async Task<GuardianReply> AskAsync(GroupId group, GuardianCommand question, CancellationToken cancellation)
    {
        if (cluster.Groups.StandingOf(group).Group is null)
        {
            throw new ApiException(Failure.Of(Refusals.UnknownGroup(group)));
        }

        GuardianAddress guardian = new(group);
        GuardianState state = await cluster.OpenJournalAsync() is { } journal
            ? await new GuardianReader(journal).ReadAsync(guardian, cancellation)
            : GuardianDecider.Initial(group);
        return Ask(state, question);
    }

    private async Task ReadSeatsAsync(
        NodeDirectory node, GroupId group, SortedDictionary<int, GuardianViewResponse> seats, CancellationToken cancellation)
    {
        if (await cluster.OpenJournalAsync(node) is not { } journal)
        {
            return;
        }

        GuardianReader reader = new(journal);
        await foreach (GuardianAddress guardian in reader.ListAsync(group, cancellation))
        {
            if (guardian.Seat is { } seat)
            {
                GuardianReply.Shown shown = (GuardianReply.Shown)Ask(await reader.ReadAsync(guardian, cancellation), new GuardianCommand.Show());
                seats[seat.Value] = GuardianViewResponse.Of(seat.Value, shown.View, seats: null);
            }
        }
    }

    private GuardianReply Ask(GuardianState state, GuardianCommand question) => GuardianDecider.Decide(state, new GuardianAsked(question, Now)) switch
    {
        Decision.Accepted { Events.Count: 0 } accepted => accepted.Reply,
        Decision.Refused refused => throw new ApiException(Failure.Of(refused.Refusal)),
        _ => throw new UnreachableException($"{question.GetType().Name} is no question."),
    };
}
