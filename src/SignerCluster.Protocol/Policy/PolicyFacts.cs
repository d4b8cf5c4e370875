namespace SignerCluster.Protocol.Policy;

/// <summary>What a policy has to know beside the payment.</summary>
/// <param name="Now">Unix seconds.</param>
/// <param name="SpentToday">
/// Satoshis that withdrawals before this one took from the group in the UTC day of its time, fees included; null where nobody counts.
/// </param>
/// <param name="Approvals">What came with the payment; nobody has looked at them yet.</param>
public sealed record PolicyFacts(GroupId Group, long Now, ulong? SpentToday, IReadOnlyList<Approval> Approvals);
