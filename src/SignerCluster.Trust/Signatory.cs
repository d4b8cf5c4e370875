using System.Collections.Concurrent;
using System.Security.Cryptography;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>
/// Signs for a party. What waits at the same moment is signed together, since one signature for all of it costs both ends less: behind each signature it
/// gathers for a while when the party is busy, and not at all when it is not. Safe for concurrent use; does not own the identity key.
/// </summary>
/// <param name="pause">How long to gather now; zero to hold nothing back.</param>
internal sealed class Signatory(IdentityKey identity, Entropy entropy, Func<TimeSpan> pause, TimeProvider time)
{
    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isSigning;

    /// <summary>The signature that a message of this digest leaves with.</summary>
    internal Task<SharedSignature> SignAsync(in Bytes32 digest)
    {
        Waiting waiting = new(digest);
        _waiting.Enqueue(waiting);
        if (TryBegin())
        {
            // Behind what the process has queued already, which may bring more to sign.
            _ = Task.Run(SignWhatWaitsAsync);
        }

        return waiting.Task;
    }

    private bool TryBegin() => Interlocked.Exchange(ref _isSigning, 1) == 0;

    private async Task SignWhatWaitsAsync()
    {
        do
        {
            while (!_waiting.IsEmpty)
            {
                SignAll();
                if (pause() is { Ticks: > 0 } gathering)
                {
                    await Task.Delay(gathering, time);
                }
            }

            Interlocked.Exchange(ref _isSigning, 0);
        }
        while (!_waiting.IsEmpty && TryBegin());
    }

    private void SignAll()
    {
        List<Waiting> together = [];
        while (_waiting.TryDequeue(out Waiting? next))
        {
            together.Add(next);
            if (together.Count == SharedSignature.MaximumMessages)
            {
                Sign(together);
                together.Clear();
            }
        }

        if (together.Count > 0)
        {
            Sign(together);
        }
    }

    private void Sign(List<Waiting> together)
    {
        Span<byte> auxiliary32 = stackalloc byte[32];
        try
        {
            entropy(auxiliary32);
            SharedSignature signature = SharedSignature.Sign([.. together.Select(static waiting => waiting.Digest)], identity, auxiliary32);
            together.ForEach(waiting => waiting.SetResult(signature));
        }
        catch (Exception fault)
        {
            // Those who wait are told; here is nobody to tell.
            together.ForEach(waiting => waiting.TrySetException(fault));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(auxiliary32);
        }
    }

    private sealed class Waiting(in Bytes32 digest) : TaskCompletionSource<SharedSignature>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal Bytes32 Digest { get; } = digest;
    }
}
