using SignerCluster.Protocol;

namespace SignerCluster.Host.Verbs;

/// <summary><c>policy check --json</c>.</summary>
/// <param name="Refused">Is there anything against the payment?</param>
/// <param name="Findings">All that there is against it; the first is what a participant would refuse it with.</param>
internal sealed record PolicyCheckDocument(string Group, bool Refused, IReadOnlyList<ErrorContent> Findings)
{
    /// <summary>The moment that it was judged for, UTC.</summary>
    public string? At { get; init; }

    /// <summary>What the payment takes from the group, fee included; missing where it cannot be told.</summary>
    public ulong? OutflowSat { get; init; }

    /// <summary>Missing where the PSBT is none of the group.</summary>
    public PaymentDocument? Payment { get; init; }

    internal static PolicyCheckDocument Of(GroupId group, IReadOnlyList<Refusal> findings) => new(
        group.ToString(),
        findings.Count > 0,
        [.. findings.Select(static finding => new ErrorContent(
            finding.Code, Failure.ClassOf(finding.Class), finding.Message, finding.Evidence.Count == 0 ? null : finding.Evidence))]);

    internal IEnumerable<string> Lines() =>
    [
        .. Payment?.Lines() ?? [],
        .. OutflowSat is { } outflowSat ? [$"takes        {outflowSat} sat from the group, fee included"] : Array.Empty<string>(),
        .. Findings.Select(static finding => $"refused      {finding.Code}: {finding.Message}"),
        .. Refused ? Array.Empty<string>() : ["refused      nothing"],
    ];
}
