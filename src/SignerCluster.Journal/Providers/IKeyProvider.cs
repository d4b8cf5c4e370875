namespace SignerCluster.Journal.Providers;

/// <summary>Where the key-encryption key comes from: a file, the environment, or a command that talks to a KMS.</summary>
public interface IKeyProvider
{
    /// <summary>
    /// Fetches the key-encryption key; the caller disposes it, which zeroes it. May take long and must never be called while anything is locked.
    /// Throws <see cref="KeyProviderException"/>.
    /// </summary>
    ValueTask<KeyEncryptionKey> FetchAsync(CancellationToken cancellation);
}
