using System.Diagnostics;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Http;

/// <summary>The guardians of one party.</summary>
/// <param name="Groups">The groups as the party knows them.</param>
/// <param name="IsCoordinator">Are they the coordinator's, which make the chains? Else those of the party's seats.</param>
internal sealed record ServedGuardians(GuardianDesk Desk, GroupDirectory Groups, bool IsCoordinator)
{
    internal IEnumerable<GuardianAddress> Of(GroupId group) => IsCoordinator
        ? [new GuardianAddress(group)]
        : Groups.StandingOf(group).HeldSeats.Select(seat => new GuardianAddress(group, (SeatId?)seat));

    /// <summary>
    /// Tells the guardians of a group what concerns them: the coordinator's alone what the group is held to, every party's what that party does. All are told,
    /// also when one of them cannot be. The first answer of one that does not show itself is returned in the place of all, but for a mere look: one that
    /// cannot be read must not hide the others.
    /// </summary>
    internal static async Task<(GuardianResponse? Shown, GuardianAnswer? Otherwise)> TellAsync(
        IReadOnlyList<ServedGuardians> parties, GroupId group, GuardianCommand command, CancellationToken cancellation)
    {
        List<GuardianViewResponse> views = [];
        List<UnreadGuardian> unread = [];
        GuardianAnswer? otherwise = null;
        foreach (ServedGuardians party in parties.Where(party => party.IsCoordinator || IsForAll(command)))
        {
            foreach (GuardianAddress address in party.Of(group))
            {
                FromGuardian answer = await party.Desk.AskAsync(address, command, cancellation);
                if (answer.Answer is GuardianAnswer.Granted { Reply: GuardianReply.Shown shown })
                {
                    views.Add(GuardianViewResponse.Of(address.Seat?.Value, shown.View, answer.Seats));
                }
                else
                {
                    otherwise ??= answer.Answer;
                    unread.Add(new UnreadGuardian(address.Seat?.Value, CodeOf(answer.Answer)));
                }
            }
        }

        bool isShown = otherwise is null || (command is GuardianCommand.Show && views.Count > 0);
        return isShown ? (new GuardianResponse(group.ToString(), views, unread.Count == 0 ? null : unread), null) : (null, otherwise);
    }

    private static string CodeOf(GuardianAnswer answer) => answer switch
    {
        GuardianAnswer.Refused refused => refused.Refusal.Code,
        GuardianAnswer.Failed failed => failed.Code,
        _ => throw new UnreachableException(answer.GetType().Name),
    };

    private static bool IsForAll(GuardianCommand command) => command is GuardianCommand.Show or GuardianCommand.Stop or GuardianCommand.Resume;
}
