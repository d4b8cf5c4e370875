using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignerCluster.Workbench.Bench;

/// <summary>What signing end to end costs.</summary>
/// <param name="P50Ms">Median time from a request to its signature.</param>
/// <param name="CpuMsPerSignature">User and system time of the whole process: coordinator and all participants.</param>
/// <param name="BytesPerSignature">Bytes that the process handed to write calls (<c>wchar</c> of /proc/self/io), write-ahead logs and checkpoints
/// included.</param>
/// <param name="JournalBytesPerSignature">By how much all journal files grew.</param>
/// <param name="Sealed">Were the journals sealed?</param>
/// <param name="SealMicroseconds">What sealing a row of 700 bytes costs, in one thread; null where nothing was sealed.</param>
/// <param name="Rotations">Rotations of single nodes' keys during the measurement.</param>
/// <param name="HistoriesReadBack">Histories of all nodes that were read back whole after the measurement; the run fails when one is not.</param>
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
    string Journal,
    bool Sealed,
    double? SealMicroseconds,
    int Rotations,
    long HistoriesReadBack);

/// <summary>Two plans measured in turns in one process.</summary>
/// <param name="Compared">seal, rotation, guardian or jobs: what the second plan has and the first has not.</param>
/// <param name="Ratio">Signatures per second with it over those without it, median over median.</param>
internal sealed record CompareDocument(
    string Compared,
    double Ratio,
    double SignaturesPerSecondWithout,
    double SignaturesPerSecondWith,
    IReadOnlyList<BenchDocument> Without,
    IReadOnlyList<BenchDocument> With);

/// <summary>How long a guardian takes to come back, and how fast its journal is audited.</summary>
/// <param name="CheckpointSeconds">From its checkpoints and the rows after them: the median of three.</param>
/// <param name="ReplaySeconds">From all its rows.</param>
/// <param name="AuditRecordsPerSecond">All of <c>journal audit</c>, the better of two runs.</param>
internal sealed record GuardianBenchDocument(int Records, double CheckpointSeconds, double ReplaySeconds, double AuditRecordsPerSecond);

/// <summary>What covenant jobs do under load.</summary>
/// <param name="Submits">Of one request, all at once.</param>
/// <param name="StormAnswers">How many different answers those got.</param>
/// <param name="OpenJobs">So many were open when the cluster started.</param>
/// <param name="FirstAnswerSeconds">From the beginning of the start until one of them was answered for.</param>
/// <param name="JobsPerSecondAfter">Signed in the ten seconds after that.</param>
/// <param name="StopSeconds">How long the cluster takes to stop then.</param>
internal sealed record JobsBenchDocument(
    int Submits,
    double StormSeconds,
    int StormAnswers,
    int StormJobs,
    int StormSessions,
    int OpenJobs,
    double FirstAnswerSeconds,
    double JobsPerSecondAfter,
    double StopSeconds);

/// <summary>What the cryptography of one signature costs, all parties one after another in one thread.</summary>
/// <param name="MsPerSignature">The median of BIP-0445's division of work: the commitments are aggregated once.</param>
/// <param name="MsPerSignatureAggregatedBySeats">The median with every seat aggregating all commitments itself, as seats here do because they trust no
/// coordinator; in a cluster each seat does so on its own machine.</param>
internal sealed record CryptoBenchDocument(int Threshold, int Participants, double MsPerSignature, double MsPerSignatureAggregatedBySeats);

/// <summary>What the bench needs of a coordinator's answer.</summary>
internal sealed record SignedAnswer(string? Signature);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BenchDocument))]
[JsonSerializable(typeof(CompareDocument))]
[JsonSerializable(typeof(CryptoBenchDocument))]
[JsonSerializable(typeof(GuardianBenchDocument))]
[JsonSerializable(typeof(JobsBenchDocument))]
[JsonSerializable(typeof(NodesBenchDocument))]
[JsonSerializable(typeof(SignedAnswer))]
internal sealed partial class BenchJson : JsonSerializerContext
{
    internal static BenchJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
