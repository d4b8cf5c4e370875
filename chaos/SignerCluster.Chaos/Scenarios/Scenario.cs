using SignerCluster.Chaos.Proxy;

namespace SignerCluster.Chaos.Scenarios;

/// <summary>One scenario as its file says it.</summary>
/// <param name="Criterion">When it has passed, in words.</param>
/// <param name="Sets">The sets it belongs to, for example <c>short</c>.</param>
/// <param name="Needs">What the machine must have beyond the product: <c>faketime</c>, <c>root</c>.</param>
internal sealed record Scenario(
    string Name,
    string About,
    string Criterion,
    IReadOnlyList<string> Sets,
    IReadOnlyList<string> Needs,
    ClusterShape Cluster,
    LoadShape Load,
    IReadOnlyList<Step> Steps,
    IReadOnlyDictionary<string, Mutant> Binaries,
    Expectations Expect);

/// <summary>The cluster that a scenario runs on.</summary>
/// <param name="IsOwn">Does the scenario damage it, so that no other may use it?</param>
/// <param name="TmpfsMegabytes">The size of the small file system under the database; 0 for none.</param>
/// <param name="HasHostileLinks">Is there a man in the middle of every link, who has the certificates of both ends?</param>
/// <param name="Rules">The rules of the guardian that its group is under, as JSON; null for none. Nobody takes a guardian away again.</param>
/// <param name="HasRegistry">Do its coordinators take covenant jobs?</param>
/// <param name="HasNodeProxies">Is there a proxy before every node for the others of its party? Then the port of one that was killed does not refuse.</param>
internal sealed record ClusterShape(
    int Participants, int Threshold, int Coordinators, int ParticipantNodes, bool IsOwn, int TmpfsMegabytes, bool HasHostileLinks, bool HasNodeProxies,
    string? Rules, bool HasRegistry);

/// <summary>What clients ask for.</summary>
internal enum LoadKind
{
    Sessions,
    Withdrawals,
    Jobs,
}

/// <summary>The signing sessions, the withdrawals or the covenant jobs that clients ask for.</summary>
/// <param name="Callers">So many ask for each of them.</param>
/// <param name="Rivals">One of so many callers asks for another transaction under the same id; 0 for none.</param>
/// <param name="Rules">The guardian's rules, as JSON, where withdrawals are asked for; null for plain sessions.</param>
/// <param name="Concurrency">How many are asked for at once.</param>
/// <param name="PerSecond">At most so many begin a second; 0 for as many as finish.</param>
/// <param name="To">The coordinator that is asked first; null for any.</param>
/// <param name="Patience">How long a client waits for an answer before it asks another coordinator.</param>
/// <param name="Deadline">When every session must have ended.</param>
internal sealed record LoadShape(
    LoadKind Kind, int Sessions, int Concurrency, double PerSecond, string? To, TimeSpan Patience, TimeSpan Deadline, int Callers, int Rivals, string? Rules);

/// <summary>A program built from the product's sources with named edits.</summary>
/// <param name="Nodes">Who runs it.</param>
internal sealed record Mutant(string Name, IReadOnlyList<string> Nodes, IReadOnlyList<SourceEdit> Edits);

/// <summary>One replacement in one file; what is replaced stands there exactly once.</summary>
internal sealed record SourceEdit(string File, string Find, string Replace);

/// <summary>What must hold beside the invariants.</summary>
/// <param name="LyingSeats">Seats that must be found out, and nobody else.</param>
/// <param name="AuditFinds">The auditor must report these invariants as broken: the scenario plants a fault to test the auditor. Empty for a run that must be
/// clean.</param>
/// <param name="PlantDuplicate">Is a share written a second time into what the auditor reads?</param>
/// <param name="PlantDebit">Is a withdrawal debited a second time in what the auditor reads?</param>
/// <param name="OpenAtKill">So many sessions at least are open at the first kill.</param>
/// <param name="RecoveryWithin">The slowest session that was open at the first kill completes within this after it.</param>
/// <param name="KeyEpochs">So many rotations at least are in every journal.</param>
/// <param name="ClocksAgree">False where times of two processes cannot be compared.</param>
/// <param name="Takeovers">At least so many sessions were written by two coordinator processes.</param>
/// <param name="SlowestWithin">No client waits longer for its signature.</param>
/// <param name="Errors">At most so often a client is refused or left without an answer; null for as often as it takes.</param>
/// <param name="TakenForDead">Exactly so often a node finds that its party's others took it for dead; null for as often as they do.</param>
internal sealed record Expectations(
    IReadOnlySet<int> LyingSeats,
    IReadOnlyList<string> AuditFinds,
    bool PlantDuplicate,
    bool PlantDebit,
    int OpenAtKill,
    TimeSpan? RecoveryWithin,
    int KeyEpochs,
    bool ClocksAgree,
    int Takeovers,
    TimeSpan? SlowestWithin,
    int? Errors,
    int? TakenForDead);

/// <summary>One fault.</summary>
/// <param name="Word">Which; one of <see cref="Words"/>.</param>
/// <param name="Every">How long until it is done again, for as long as sessions are under way; null for once.</param>
/// <param name="Settles">Is it done again only when its nodes are ready again, so that a slow machine is not broken faster than it can start?</param>
internal sealed record Step(int Number, string Word, Trigger Trigger, TimeSpan? Every, bool Settles, Arguments Arguments);

/// <summary>When a step is done. Ranges are resolved by the seed.</summary>
internal abstract record Trigger
{
    private Trigger()
    {
    }

    /// <summary>So long after the load began.</summary>
    internal sealed record At(TimeSpan From, TimeSpan To) : Trigger;

    /// <summary>When so many sessions were accepted, or finished.</summary>
    internal sealed record AfterSessions(bool Finished, int From, int To) : Trigger;

    /// <summary>At the n-th time that a node sends a text to a server, while the bytes are held.</summary>
    internal sealed record OnTraffic(string Node, string Server, string Text, int From, int To, HoldAt Hold) : Trigger;
}
