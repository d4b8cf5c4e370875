using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Host.Verbs;

/// <summary>Reads the files of a data directory, also beside a running signer.</summary>
internal sealed class LocalView(LookedAtCluster cluster, TimeProvider time) : IClusterView
{
    private readonly LocalGuardians _guardians = new(cluster, time);

    public Task<IReadOnlyList<GroupResponse>> ListGroupsAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<GroupResponse>>([.. cluster.Groups.Groups.Select(GroupEndpoints.ToResponse)]);

    public async IAsyncEnumerable<SessionLine> ListSessionsAsync(
        GroupId group, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await cluster.OpenJournalAsync() is not { } journal)
        {
            yield break;
        }

        SessionReader reader = new(journal);
        await foreach (CoordinatorAddress session in reader.ListAsync(cancellation))
        {
            if (session.Group == group)
            {
                yield return await SummarizeAsync(reader, session, cancellation);
            }
        }
    }

    public async Task<SessionResponse?> ReadSessionAsync(CoordinatorAddress session, CancellationToken cancellation) =>
        await cluster.OpenJournalAsync() is { } journal && await new SessionReader(journal).ReadAsync(session, cancellation) is { } view
            ? SessionDocuments.ToResponse(view)
            : null;

    public async Task<GuardianResponse> ShowGuardiansAsync(GroupId group, CancellationToken cancellation) =>
        await _guardians.ShowAsync(group, cancellation);

    public async Task<CapacityResponse> ReadCapacityAsync(GroupId group, ulong? amountSat, CancellationToken cancellation)
    {
        GuardianView view = ((GuardianReply.Shown)await _guardians.AskAsync(group, new GuardianCommand.Show(), cancellation)).View;
        return view.Rules is null ? throw new ApiException(Failure.Of(GuardianRefusals.NoGuardian)) : CapacityResponse.Of(view, amountSat, _guardians.Now);
    }

    public async Task<WithdrawalResponse> ReadWithdrawalAsync(CoordinatorAddress withdrawal, CancellationToken cancellation)
    {
        GuardianReply found = await _guardians.AskAsync(withdrawal.Group, new GuardianCommand.Find(withdrawal.Session), cancellation);
        return WithdrawalResponse.Of(((GuardianReply.Admitted)found).Withdrawal, await ReadSessionAsync(withdrawal, cancellation));
    }

    public async IAsyncEnumerable<WithdrawalResponse> ListWithdrawalsAsync(
        GroupId group, ulong from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        IReadOnlyList<GuardianRecord.WithdrawalAccepted> page;
        do
        {
            GuardianCommand list = new GuardianCommand.List(from, GuardianDecider.MaximumPage);
            page = ((GuardianReply.Listed)await _guardians.AskAsync(group, list, cancellation)).Withdrawals;
            foreach (GuardianRecord.WithdrawalAccepted withdrawal in page)
            {
                yield return WithdrawalResponse.Of(withdrawal);
            }

            from += (ulong)page.Count;
        }
        while (page.Count == GuardianDecider.MaximumPage);
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    /// <summary>One history that cannot be read must not hide the others.</summary>
    private static async Task<SessionLine> SummarizeAsync(SessionReader reader, CoordinatorAddress session, CancellationToken cancellation)
    {
        try
        {
            SessionView? view = await reader.ReadAsync(session, cancellation);
            return new SessionLine(
                $"{session.Session}", $"{session.Group}", view?.State ?? "unreadable", view?.Message[0].ToString(), view?.Signature?[0].ToString());
        }
        catch (UnreadableHistoryException)
        {
            return new SessionLine($"{session.Session}", $"{session.Group}", "unreadable", null, null);
        }
    }
}
