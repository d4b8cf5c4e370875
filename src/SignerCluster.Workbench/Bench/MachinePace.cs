using System.Diagnostics;
using System.Security.Cryptography;
using SignerCluster.Secp256k1;

namespace SignerCluster.Workbench.Bench;

/// <summary>
/// The pace of this machine while something else is measured on it: what verifying one BIP-340 signature takes, looked at ten times a second at the cost of
/// less than a hundredth of a core. A virtual machine can run at half its pace for a second or an hour, and counts all of that as CPU
/// time; costs that are divided by the pace of the same run can be compared with those of another.
/// </summary>
internal sealed class MachinePace : IDisposable
{
    private const int VerificationsAtOnce = 10;
    private static readonly TimeSpan _every = TimeSpan.FromMilliseconds(100);

    private readonly Sample _sample = new();
    private readonly List<double> _microseconds = [];
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;

    private MachinePace()
    {
        _thread = new Thread(Look) { IsBackground = true, Name = "machine pace" };
        _thread.Start();
    }

    /// <summary>Looks until <see cref="End"/>, in a thread of its own.</summary>
    internal static MachinePace Begin() => new();

    /// <summary>Ends looking. Returns the median of all verifications, in microseconds.</summary>
    internal double End()
    {
        _ended.Set();
        _thread.Join();
        _microseconds.Sort();
        return ClusterBench.Percentile(_microseconds, 0.50);
    }

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _ended.Dispose();
    }

    private void Look()
    {
        do
        {
            // The first finds cold caches; a thread that is interrupted in one of them says nothing of the others.
            _sample.Verify();
            for (int one = 0; one < VerificationsAtOnce; one++)
            {
                long begun = Stopwatch.GetTimestamp();
                _sample.Verify();
                _microseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
            }
        }
        while (!_ended.Wait(_every));
    }

    private sealed class Sample
    {
        private readonly Bytes32 _message = FixedBytes.From<Bytes32>(SHA256.HashData("of this machine"u8));
        private readonly XOnlyPublicKey _key;
        private readonly Bytes64 _signature;

        internal Sample()
        {
            using SecretScalar secret = SecretScalar.Parse(SHA256.HashData("machine pace"u8));
            using SigningKey key = new(secret);
            _key = key.Public;
            _signature = key.Sign(_message.AsSpan(), _message.AsSpan());
        }

        internal void Verify()
        {
            if (!Bip340.Verify(_key, _message.AsSpan(), _signature))
            {
                throw new UnreachableException("A signature that was just made did not verify.");
            }
        }
    }
}
