namespace SignerCluster.Host.Verbs;

/// <summary>Signs by a running signer.</summary>
internal static class SignOverHttp
{
    internal static Task<SignEnd> RunAsync(string url, string? tokenFile, SignOrder order, CancellationToken cancellation) =>
        throw new UsageException("url_unsupported", $"--url {url}: {order.Session} {tokenFile} {cancellation.CanBeCanceled}.");
}
