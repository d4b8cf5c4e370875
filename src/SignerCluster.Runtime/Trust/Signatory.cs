using System.Collections.Concurrent;
using System.Security.Cryptography;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime;

/// <summary>
/// Signs for a party. What waits at the same moment is signed together: nothing is held back, but a busy process leaves much waiting, and one signature for all of
/// it costs both ends less. Safe for concurrent use; does not own the identity key.
/// </summary>
internal sealed class Signatory(IdentityKey identity, Entropy entropy) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isCalled;

    /// <summary>The signature that a message of this digest leaves with.</summary>
    internal Task<SharedSignature> SignAsync(in Bytes32 digest)
    {
        Waiting waiting = new(digest);
        _waiting.Enqueue(waiting);
        if (Interlocked.Exchange(ref _isCalled, 1) == 0)
        {
            // Behind what the process has queued already, which may bring more to sign.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return waiting.Task;
    }

    void IThreadPoolWorkItem.Execute()
    {
        // Before anything is taken: who comes later calls again.
        Interlocked.Exchange(ref _isCalled, 0);
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
