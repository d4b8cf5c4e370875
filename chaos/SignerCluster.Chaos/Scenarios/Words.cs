namespace SignerCluster.Chaos.Scenarios;

/// <summary>The faults that a step can name, and the keys that each takes.</summary>
internal static class Words
{
    internal const string Kill = "kill";
    internal const string Stop = "stop";
    internal const string Continue = "continue";
    internal const string Terminate = "terminate";
    internal const string Start = "start";
    internal const string RollingRestart = "rolling-restart";
    internal const string Partition = "partition";
    internal const string Slow = "slow";
    internal const string Cut = "cut";
    internal const string RestartServer = "restart-server";
    internal const string RotateKeys = "rotate-keys";
    internal const string HideKey = "hide-key";
    internal const string Clock = "clock";
    internal const string FillDisk = "fill-disk";
    internal const string DatabaseSetting = "database-setting";
    internal const string CorruptRecord = "corrupt-record";
    internal const string CorruptJob = "corrupt-job";
    internal const string TakeRegistry = "take-registry";
    internal const string Record = "record-messages";
    internal const string Replay = "replay-messages";
    internal const string Tamper = "tamper";

    internal const string Database = "postgres";
    internal const string Links = "links";

    /// <summary>The way of the other nodes of its party to a node.</summary>
    internal const string Nodes = "nodes";

    /// <summary>Keys by word: those that must be there, and those that may.</summary>
    internal static IReadOnlyDictionary<string, (string[] Required, string[] Optional)> Keys { get; } =
        new Dictionary<string, (string[] Required, string[] Optional)>(StringComparer.Ordinal)
        {
            [Kill] = (["node"], ["restart-after"]),
            [Stop] = (["node"], ["for"]),
            [Continue] = (["node"], []),
            [Terminate] = (["node"], ["restart-after"]),
            [Start] = (["node"], []),
            [RollingRestart] = (["node"], ["how", "times", "pause"]),
            [Partition] = (["node", "server", "direction", "for"], []),
            [Slow] = (["node", "server", "for"], ["delay", "bytes-per-second"]),
            [Cut] = (["node", "server"], []),
            [RestartServer] = (["server", "how", "for"], []),
            [RotateKeys] = (["node"], ["times", "pause"]),
            [HideKey] = (["node", "for"], []),
            [Clock] = (["node", "offset"], ["for"]),
            [FillDisk] = (["for"], []),
            [DatabaseSetting] = (["set", "for"], []),
            [CorruptRecord] = (["node", "for"], []),
            [CorruptJob] = (["for"], []),
            [TakeRegistry] = (["for"], []),
            [Record] = ([], []),
            [Replay] = ([], ["times", "alter"]),
            [Tamper] = (["for"], ["alter", "drop", "repeat", "delay"]),
        };

    /// <summary>Keys of every step.</summary>
    internal static IReadOnlyList<string> StepKeys { get; } = ["do", "at", "after-finished", "after-accepted", "on", "every", "settle"];

    /// <summary>What a step can name as the other end of a way of a node.</summary>
    internal static IReadOnlyList<string> Servers { get; } = [Database, Links, Nodes];

    /// <summary>Groups of nodes that a step can name instead of a node; those with <c>any</c> are one of them, by the seed.</summary>
    internal static IReadOnlyList<string> Groups { get; } = ["all", "all-coordinators", "all-participants", "any", "any-coordinator", "any-participant"];
}
