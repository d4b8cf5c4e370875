using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>What one seed did.</summary>
/// <param name="Digest">Equal digests: the same things happened in the same order.</param>
/// <param name="Trace">The last notable steps before a finding, oldest first; empty without one.</param>
internal sealed record SeedReport(
    Part Part, long Seed, int Steps, ulong Digest, Finding? Finding, IReadOnlyList<string> Trace, int[] Faults, Coverage Coverage);
