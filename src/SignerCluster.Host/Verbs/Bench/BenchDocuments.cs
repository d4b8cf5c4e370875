namespace SignerCluster.Host.Verbs.Bench;

/// <summary>What signing end to end costs.</summary>
/// <param name="P50Ms">Median time from a request to its signature.</param>
/// <param name="CpuMsPerSignature">User and system time of the whole process: coordinator and all participants.</param>
/// <param name="BytesPerSignature">Bytes that the process handed to write calls (<c>wchar</c> of /proc/self/io), write-ahead logs and checkpoints included.</param>
/// <param name="JournalBytesPerSignature">By how much all journal files grew.</param>
internal sealed record BenchDocument(
    int Signatures,
    double Seconds,
    double SignaturesPerSecond,
    double P50Ms,
    double P99Ms,
    double CpuMsPerSignature,
    long BytesPerSignature,
    long JournalBytesPerSignature,
    int Threshold,
    int Participants,
    int Concurrency,
    string Journal);

/// <summary>What the cryptography of one signature costs, all parties one after another in one thread.</summary>
/// <param name="MsPerSignature">The median of BIP-0445's division of work: the commitments are aggregated once.</param>
/// <param name="MsPerSignatureAggregatedBySeats">The median with every seat aggregating all commitments itself, as seats here do because they trust no coordinator; in a
/// cluster each seat does so on its own machine.</param>
internal sealed record CryptoBenchDocument(int Threshold, int Participants, double MsPerSignature, double MsPerSignatureAggregatedBySeats);
