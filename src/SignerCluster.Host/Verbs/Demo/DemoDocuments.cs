using System.Text.Json;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>What a demonstration did. It is only printed when everything verified.</summary>
/// <param name="Transaction">The first payment, finished, hex.</param>
internal sealed record DemoDocument(
    string Group,
    string Address,
    int Threshold,
    int Participants,
    bool Verified,
    IReadOnlyList<DemoStep> Steps,
    IReadOnlyList<DemoCulprit> Culprits,
    string Txid,
    string Transaction,
    double ElapsedMs);

/// <summary>One line of the table.</summary>
internal sealed record DemoStep(string Step, string Happened, int? Attempts, string? Signature, double ElapsedMs);

/// <summary>A seat that was proved to have lied.</summary>
/// <param name="Evidence">The certificate, which anyone can verify with the group's public file.</param>
internal sealed record DemoCulprit(int Seat, JsonElement Evidence);
