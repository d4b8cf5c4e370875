namespace SignerCluster.Simulation.Tests.Regressions;

/// <summary>
/// A4: a share was reported to a stale activation, which thought nothing of it and noted it; nobody asked for it again. A report now carries the version at
/// which its seat was asked.
/// </summary>
public sealed class Seed_251_ReportNotedByAnActivationThatKnewLess() : Regression(seed: 251);
