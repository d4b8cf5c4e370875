using System.Globalization;
using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Verbs;

/// <summary>Shows on a terminal what a session waits for while it is signed.</summary>
internal static class SignProgress
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(1);

    /// <summary>Looks into the journal that the session is written to.</summary>
    internal static Task<T> WatchAsync<T>(
        WorkProgress progress, IJournal journal, CoordinatorAddress session, Func<Task<T>> sign, CancellationToken cancellation)
    {
        SessionReader reader = new(journal);
        return WatchAsync(
            progress,
            session.Session,
            async over => await reader.ReadAsync(session, over) is { } view ? SessionDocuments.ToResponse(view) : null,
            sign,
            cancellation);
    }

    /// <summary>Asks the running signers.</summary>
    internal static async Task<T> WatchAsync<T>(
        WorkProgress progress, string[] urls, string? tokenFile, CoordinatorAddress session, Func<Task<T>> sign, CancellationToken cancellation)
    {
        await using IClusterView view = await ClusterView.OpenAsync(data: null, urls, tokenFile, cancellation);
        return await WatchAsync(progress, session.Session, over => view.ReadSessionAsync(session, over), sign, cancellation);
    }

    /// <summary>As <c>shares of 1 of 2 seats for 500 messages</c>.</summary>
    internal static string Words(StepResponse step) => string.Create(
        CultureInfo.InvariantCulture,
        $"{step.Name} of {step.Seats} of {step.Needed} seats{(step.Messages == 1 ? string.Empty : $" for {step.Messages} messages")}");

    private static async Task<T> WatchAsync<T>(
        WorkProgress progress,
        SessionId session,
        Func<CancellationToken, Task<SessionResponse?>> look,
        Func<Task<T>> sign,
        CancellationToken cancellation)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task looking = LookAsync(progress, session, look, over.Token);
        try
        {
            return await sign();
        }
        finally
        {
            await over.CancelAsync();
            await looking;
        }
    }

    private static async Task LookAsync(
        WorkProgress progress, SessionId session, Func<CancellationToken, Task<SessionResponse?>> look, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_pace, over);
                if (progress.IsShown && await look(over) is { Step: { } step })
                {
                    progress.Begin($"Signing {session}: {Words(step)}");
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or HttpRequestException or ApiException or UnavailableException
            or JournalException or UnreadableHistoryException)
        {
            // Whoever signs meets the same fault and tells it.
        }
    }
}
