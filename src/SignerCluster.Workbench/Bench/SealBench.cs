using System.Diagnostics;
using System.Security.Cryptography;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Workbench.Bench;

/// <summary>Measures what sealing adds to one append, in one thread.</summary>
internal static class SealBench
{
    /// <summary>About as long as the events of a session are on average.</summary>
    private const int MessageBytes = 700;
    private const int SealsPerBatch = 10_000;
    private const int Batches = 7;

    /// <summary>Microseconds a row, the median of several batches after one to warm up.</summary>
    internal static double MeasureMicroseconds()
    {
        using DataKey key = DataKey.Draw(epoch: 1, RandomNumberGenerator.Fill);
        EntityId id = EntityId.Parse($"seat/{new string('a', 64)}/session-1/1");
        byte[] message = new byte[MessageBytes];
        RandomNumberGenerator.Fill(message);
        double[] batches = new double[Batches];
        for (int batch = -1; batch < Batches; batch++)
        {
            long begun = Stopwatch.GetTimestamp();
            for (int row = 1; row <= SealsPerBatch; row++)
            {
                Envelope.SealRow(key, id, row, "signing-session.share-produced.v1", message, RandomNumberGenerator.Fill);
            }

            batches[Math.Max(batch, 0)] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds / SealsPerBatch;
        }

        Array.Sort(batches);
        return ClusterBench.Percentile(batches, 0.50);
    }
}
