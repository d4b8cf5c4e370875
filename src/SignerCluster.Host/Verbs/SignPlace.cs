using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Verbs;

/// <summary>Who signs: a cluster in this process over a data directory, or running signers.</summary>
/// <param name="Urls">Null for a data directory.</param>
/// <param name="Data">The directory; null for running signers.</param>
/// <param name="Settings">Of a cluster in this process: what it may sign.</param>
internal sealed record SignPlace(string[]? Urls, string? TokenFile, string? Data, ClusterSettings Settings)
{
    /// <summary>Signs until the order's timeout is over, and shows on a terminal how far it has come.</summary>
    internal Task<SignEnd> RunAsync(string what, SignOrder order, Terminal terminal, CancellationToken cancellation)
    {
        return terminal.WithProgressAsync(what, progress => SignDeadline.RunAsync(order, over => SignAsync(progress, over), cancellation));

        Task<SignEnd> SignAsync(WorkProgress progress, CancellationToken over) => Urls is null
            ? SignEmbedded.RunAsync(Data!, Settings, order, terminal, progress, over)
            : SignProgress.WatchAsync(
                progress,
                Urls,
                TokenFile,
                new CoordinatorAddress(order.Group, order.Session),
                () => SignOverHttp.RunAsync(Urls, TokenFile, order, over),
                over);
    }
}
