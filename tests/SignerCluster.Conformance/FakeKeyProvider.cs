using SignerCluster.Journal.Providers;

namespace SignerCluster.Conformance;

/// <summary>
/// A provider in memory that keeps the port's rules: it may be down, may be slow, may be given another key, and counts how often it was asked.
/// </summary>
public sealed class FakeKeyProvider(byte seed = 1) : IKeyProvider
{
    private int _fetches;

    /// <summary>How often the key was asked for.</summary>
    public int Fetches => Volatile.Read(ref _fetches);

    /// <summary>When set, every fetch fails transiently.</summary>
    public bool IsDown { get; set; }

    /// <summary>Where a fetch waits before it answers; null for nowhere.</summary>
    public Gate? Slow { get; set; }

    public async ValueTask<KeyEncryptionKey> FetchAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _fetches);
        if (Slow is { } gate)
        {
            await gate.WaitAsync();
        }

        if (IsDown)
        {
            throw new KeyProviderException("key_unavailable", "The provider is down.", isTransient: true);
        }

        byte[] key32 = new byte[KeyEncryptionKey.Length];
        Array.Fill(key32, seed);
        return KeyEncryptionKey.Take(key32);
    }
}
