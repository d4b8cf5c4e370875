using System.Text.Json;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Proxy;

namespace SignerCluster.Chaos.Scenarios;

/// <summary>Reads a scenario from the JSON that its HOCON file stands for. Unknown keys, words and groups are refused with their place.</summary>
internal static class ScenarioReader
{
    private static readonly string[] _keys = ["name", "about", "passes-when", "sets", "needs", "cluster", "load", "steps", "binaries", "expect"];
    private static readonly string[] _needs = ["faketime", "root"];

    // The larger of a guardian's two buckets holds so much more, and fills half as fast.
    private const int DayOfMinutes = 10;

    /// <summary>Throws <see cref="UsageException"/>.</summary>
    internal static Scenario Read(JsonElement json, string file)
    {
        Arguments root = new(json, file);
        root.RequireOnly(_keys);
        root.Require("name", "about", "passes-when", "load", "expect");
        if (root.Texts("needs").Except(_needs, StringComparer.Ordinal).FirstOrDefault() is { } strange)
        {
            throw new UsageException($"{file}.needs: {strange} is not known. Known are: {string.Join(", ", _needs)}.");
        }

        LoadShape load = ReadLoad(root.Object("load"));
        return new Scenario(
            root.Text("name"),
            root.Text("about"),
            root.Text("passes-when"),
            root.Texts("sets"),
            root.Texts("needs"),
            ReadCluster(root.Object("cluster"), load),
            load,
            [.. root.Objects("steps").Select(ReadStep)],
            root.Object("binaries") is { } binaries
                ? binaries.Names.ToDictionary(static name => name, name => ReadMutant(name, binaries.Object(name)), StringComparer.Ordinal)
                : [],
            ReadExpectations(root.Object("expect")));
    }

    private static ClusterShape ReadCluster(Arguments cluster, LoadShape load)
    {
        cluster.RequireOnly("participants", "threshold", "coordinators", "participant-nodes", "own", "tmpfs-megabytes", "hostile-links", "node-proxies");
        return new ClusterShape(
            cluster.Count("participants", 3),
            cluster.Count("threshold", 2),
            cluster.Count("coordinators", 2),
            cluster.Count("participant-nodes", 1),
            cluster.Flag("own"),
            cluster.Count("tmpfs-megabytes", 0),
            cluster.Flag("hostile-links"),
            cluster.Flag("node-proxies"),
            load.Rules,
            load.Kind == LoadKind.Jobs);
    }

    private static LoadShape ReadLoad(Arguments load)
    {
        load.RequireOnly("kind", "sessions", "callers", "rivals", "concurrency", "per-second", "to", "patience", "deadline", "guardian");
        load.Require("sessions", "deadline");
        LoadKind kind = load.Text("kind", "sessions") switch
        {
            "sessions" => LoadKind.Sessions,
            "withdrawals" => LoadKind.Withdrawals,
            "jobs" => LoadKind.Jobs,
            var other => throw new UsageException($"{load.Place}.kind: {other} is none of sessions, withdrawals and jobs."),
        };
        if ((kind != LoadKind.Withdrawals && load.Has("guardian")) || (kind == LoadKind.Sessions && load.Has("rivals")))
        {
            throw new UsageException($"{load.Place}: guardian is for kind = withdrawals, and rivals for that and for jobs.");
        }

        return new LoadShape(
            kind,
            load.Count("sessions", 0),
            load.Count("concurrency", 8),
            load.Number("per-second", 0),
            load.Has("to") ? load.Text("to") : null,
            load.Duration("patience", TimeSpan.FromSeconds(3)),
            load.Duration("deadline"),
            load.Count("callers", 1),
            load.Count("rivals", 0),
            kind == LoadKind.Withdrawals ? ReadRules(load.Object("guardian")) : null);
    }

    /// <summary>The rules as the API takes them; where nothing is said they never stand in the way.</summary>
    private static string ReadRules(Arguments guardian)
    {
        guardian.RequireOnly("capacity", "refill", "age", "skew", "delay");
        (double capacity, double refill) = (guardian.Number("capacity", 1e12), guardian.Number("refill", 1e9));
        return JsonSerializer.Serialize(new
        {
            windows = (object[])
            [
                new { name = "minute", capacitySat = (ulong)capacity, refillSatPerSecond = (ulong)refill },
                new { name = "day", capacitySat = (ulong)(capacity * DayOfMinutes), refillSatPerSecond = (ulong)(refill / 2) },
            ],
            maximumAgeSeconds = (ulong)guardian.Duration("age", TimeSpan.FromMinutes(30)).TotalSeconds,
            maximumSkewSeconds = (ulong)guardian.Duration("skew", TimeSpan.FromMinutes(5)).TotalSeconds,
            looseningDelaySeconds = (ulong)guardian.Duration("delay", TimeSpan.FromHours(24)).TotalSeconds,
        });
    }

    private static Step ReadStep(Arguments step, int number)
    {
        string word = step.Text("do");
        if (!Words.Keys.TryGetValue(word, out (string[] Required, string[] Optional) keys))
        {
            throw new UsageException($"{step.Place}.do: {word} is not known. Known are: {string.Join(", ", Words.Keys.Keys)}.");
        }

        step.RequireOnly([.. Words.StepKeys, .. keys.Required, .. keys.Optional]);
        step.Require(keys.Required);
        IReadOnlyList<string> servers = word == Words.RestartServer ? [Words.Database] : Words.Servers;
        if (step.Has("server") && !servers.Contains(step.Text("server"), StringComparer.Ordinal))
        {
            throw new UsageException($"{step.Place}.server: {step.Text("server")} is none of {string.Join(", ", servers)}.");
        }

        return new Step(number, word, ReadTrigger(step), step.MaybeDuration("every"), step.Flag("settle"), step);
    }

    private static Trigger ReadTrigger(Arguments step)
    {
        string[] given = [.. ((string[])["at", "after-finished", "after-accepted", "on"]).Where(step.Has)];
        switch (given)
        {
            case ["at"]:
                (TimeSpan from, TimeSpan to) = step.Durations("at");
                return new Trigger.At(from, to);
            case ["after-finished" or "after-accepted"]:
                (int first, int last) = step.Counts(given[0]);
                return new Trigger.AfterSessions(given[0] == "after-finished", first, last);
            case ["on"]:
                Arguments on = step.Object("on");
                on.RequireOnly("node", "server", "sends", "nth", "hold");
                (int low, int high) = on.Has("nth") ? on.Counts("nth") : (1, 1);
                return new Trigger.OnTraffic(on.Text("node"), on.Text("server"), on.Text("sends"), low, high, on.Text("hold") switch
                {
                    "request" => HoldAt.Request,
                    "answer" => HoldAt.Answer,
                    var other => throw new UsageException($"{on.Place}.hold: {other} is neither request nor answer."),
                });
            default:
                throw new UsageException($"{step.Place} needs exactly one of at, after-finished, after-accepted and on.");
        }
    }

    private static Mutant ReadMutant(string name, Arguments mutant)
    {
        mutant.RequireOnly("node", "edits");
        return new Mutant(name, mutant.Texts("node"), [.. mutant.Objects("edits").Select(static edit =>
        {
            edit.RequireOnly("file", "find", "replace");
            return new SourceEdit(edit.Text("file"), edit.Text("find"), edit.Text("replace"));
        })]);
    }

    private static Expectations ReadExpectations(Arguments expect)
    {
        expect.RequireOnly(
            "lying-seats", "audit-finds", "plant-duplicate", "plant-debit", "open-at-kill", "recovery-within", "key-epochs", "clocks-agree", "takeovers", "slowest-within",
            "errors", "taken-for-dead");
        string[] invariants = [.. Auditor.Invariants.Select(static invariant => invariant.Id)];
        if (expect.Texts("audit-finds").Except(invariants, StringComparer.Ordinal).FirstOrDefault() is { } strange)
        {
            throw new UsageException($"{expect.Place}.audit-finds: {strange} is not checked. Checked are: {string.Join(", ", invariants)}.");
        }

        return new Expectations(
            expect.Texts("lying-seats").Select(static seat => int.Parse(seat, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet(),
            expect.Texts("audit-finds"),
            expect.Flag("plant-duplicate"),
            expect.Flag("plant-debit"),
            expect.Count("open-at-kill", 0),
            expect.MaybeDuration("recovery-within"),
            expect.Count("key-epochs", 0),
            expect.Flag("clocks-agree", otherwise: true),
            expect.Count("takeovers", 0),
            expect.MaybeDuration("slowest-within"),
            expect.Has("errors") ? expect.Count("errors", 0) : null,
            expect.Has("taken-for-dead") ? expect.Count("taken-for-dead", 0) : null);
    }
}
