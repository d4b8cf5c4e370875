using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>Everything that can go wrong. The snake_case names are how reports and the command line call them.</summary>
internal enum FaultKind
{
    // Network
    RequestLost,
    ReplyLost,
    RequestDuplicated,
    RequestDelayed,
    ReplyDelayed,
    NodeCutOff,
    LinkCutOneWay,
    Misrouted,

    // Disk
    AppendNotWritten,
    AppendUnknownAndWritten,
    AppendUnknownAndNotWritten,
    AppendOutlivesItsNode,
    DiskSlow,
    ReadFailed,

    // Process
    CrashWhileLoading,
    CrashAppendRequested,
    CrashAppendApplied,
    CrashReplyPending,
    CrashAtRest,
    CrashToSeeDamage,
    GracefulStop,

    // Time and limits
    ClockHurries,
    NonceExpiryShort,
    SessionExpiryShort,
    NonceCapacitySmall,

    // Keys at rest
    KeyProviderDown,
    KeyProviderSlow,
    KeyWearsOutSoon,
    KeyRotated,
    KeyRewrapped,
    RowsResealed,
    RowFlipped,
    RowTruncated,
    RowRenamed,
    RowDeleted,
    RowsSwapped,

    // Entropy
    EntropyRepeats,

    // Liars, at most n - t seats
    LieBadShare,
    LieWithheldShare,
    LieShareOfAnotherAttempt,
    LieStaleCommitment,
    LieInvalidCommitment,
    LieSilence,

    // An adversary on the wire that has seen every message
    ReplayPackage,
    ReplayOpen,
    ReplayCommit,
    ReplayComplete,
    EquivocatePackageSigners,
    EquivocatePackageMessage,
    ForgeOpen,
    ForgeAttemptContext,
    ForgeCompletion,

    // The registry of reserves, where there are covenant jobs: entities that are actors have them
    RegistryOut,
    ReserveMoved,
}

/// <summary>The names of faults.</summary>
internal static class FaultNames
{
    internal static IReadOnlyList<FaultKind> All { get; } = Enum.GetValues<FaultKind>();

    /// <summary>Can it happen in a part?</summary>
    internal static bool IsIn(FaultKind kind, Part part) => part == Part.Actors || kind is not (FaultKind.RegistryOut or FaultKind.ReserveMoved);

    internal static string Of(FaultKind kind) => Wording.SnakeCase(kind.ToString());

    internal static bool TryParse(string name, out FaultKind kind)
    {
        kind = All.FirstOrDefault(candidate => Of(candidate) == name);
        return Of(kind) == name;
    }
}
