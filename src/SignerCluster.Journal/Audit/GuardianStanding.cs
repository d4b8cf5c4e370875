using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Audit;

/// <summary>Where a guardian's chain stands, recomputed from its records.</summary>
/// <param name="Head">The hash of the last record; of no record what the first would be linked to.</param>
/// <param name="Root">Of the tree over the hashes of all records; zeros for none.</param>
/// <param name="NextSequence">The number of the next withdrawal.</param>
/// <param name="UpdatedAt">Unix seconds of the last debit or change of rules, which left the windows as they are; 0 while there are no rules.</param>
/// <param name="Windows">None while there are no rules.</param>
/// <param name="FrozenBecause">Null unless the group is frozen.</param>
/// <param name="StoppedBecause">Null unless this party has stopped its part.</param>
public sealed record GuardianStanding(
    GuardianAddress Guardian,
    long Records,
    Bytes32 Head,
    Bytes32 Root,
    ulong NextSequence,
    ulong UpdatedAt,
    IReadOnlyList<WindowLevel> Windows,
    string? FrozenBecause,
    string? StoppedBecause)
{
    internal static GuardianStanding Of(GuardianAddress guardian, GuardianState state) => new(
        guardian,
        state.Position,
        state.Head,
        state.Log.Root,
        state.Limiter?.NextSequence ?? 0,
        state.Limiter?.LastUpdated ?? 0,
        state.Rules is null ? [] : [.. state.Rules.Windows.Select((window, index) => new WindowLevel(window.Name, state.Limiter!.Tokens[index]))],
        state.FrozenBecause,
        state.StoppedBecause);
}

/// <summary>What one window of a guardian's rules holds.</summary>
/// <param name="Tokens">Satoshis.</param>
public sealed record WindowLevel(string Name, ulong Tokens);
