using System.CommandLine;
using SignerCluster.Host.Verbs;
using SignerCluster.Workbench.Cluster;
using Spectre.Console;

namespace SignerCluster.Workbench;

/// <summary><c>cluster</c>: a cluster of processes on this machine, for development, tests and chaos.</summary>
internal static class ClusterVerb
{
    private static readonly Option<int> _participants =
        new("--participants") { Description = "Parties that hold a seat each.", DefaultValueFactory = static _ => 3, HelpName = "N" };
    private static readonly Option<int> _threshold =
        new("--threshold") { Description = "Seats that sign together.", DefaultValueFactory = static _ => 2, HelpName = "T" };
    private static readonly Option<int> _coordinators =
        new("--coordinators") { Description = "Nodes of the coordinating party.", DefaultValueFactory = static _ => 2, HelpName = "N" };

    private static readonly Option<int> _participantNodes =
        new("--participant-nodes") { Description = "Nodes of each participant.", DefaultValueFactory = static _ => 1, HelpName = "N" };

    private static readonly Option<int> _httpPort =
        new("--http-port")
        {
            Description = "Where the first coordinator listens; participants from ten above it. The ports 2000 and 4000 above these are used between nodes.",
            DefaultValueFactory = static _ => 7420,
            HelpName = "PORT",
        };

    private static readonly Option<bool> _noNodes = new("--no-nodes") { Description = "Start everything but the nodes." };

    private static readonly RegistryOptions _registry = new();

    internal static Command Create(Terminal terminal)
    {
        Option<string?> data =
            new("--data") { Description = "The folder of the cluster; artifacts/cluster of the repository where not given.", HelpName = "DIR" };
        Command up = new("up", "Make the cluster if there is none, start what does not run, and return when all is ready.")
        {
            data, _participants, _threshold, _coordinators, _participantNodes, _httpPort, _noNodes, CommonOptions.Json,
        };
        _registry.AddTo(up);
        up.SetAction((parsed, cancellation) => UpAsync(parsed, DirectoryOf(parsed.GetValue(data)), terminal, cancellation));
        Command down = new("down", "Stop nodes and server; everything they know stays.") { data, CommonOptions.Json };
        down.SetAction((parsed, cancellation) => DownAsync(DirectoryOf(parsed.GetValue(data)), terminal, cancellation));
        Command status = new("status", "What runs, whether it is ready, and what the nodes see of each other; looks only. Ends with 3 when no node runs.")
        {
            data, CommonOptions.Json,
        };
        status.SetAction((parsed, cancellation) => StatusAsync(DirectoryOf(parsed.GetValue(data)), terminal, cancellation));
        return new Command("cluster", WorkbenchVerbs.Cluster) { up, down, status, ServersVerb.Create(data, terminal) };
    }

    /// <summary>The folder that was named, or the repository's.</summary>
    internal static ClusterDirectory DirectoryOf(string? given) =>
        new(given is { Length: > 0 } ? given : Path.Join(RepositoryFolder.Find(), "artifacts", "cluster"));

    private static async Task<int> UpAsync(ParseResult parsed, ClusterDirectory directory, Terminal terminal, CancellationToken cancellation)
    {
        ClusterPlan wanted = new(
            parsed.GetValue(_participants),
            parsed.GetValue(_threshold),
            parsed.GetValue(_coordinators),
            parsed.GetValue(_participantNodes),
            parsed.GetValue(_httpPort))
        {
            Registry = _registry.Read(parsed),
        };
        wanted.ThrowIfInvalid();
        using IDisposable held = directory.Hold();
        DemandSame(parsed, wanted, ClusterDocument.Load(directory), directory);
        bool withNodes = !parsed.GetValue(_noNodes);
        ClusterDocument document = await terminal.WithProgressAsync(
            "Bringing the cluster up…", progress => new LocalCluster(directory).UpAsync(wanted, withNodes, progress, cancellation));
        return terminal.Show(document, ClusterJson.Readable.ClusterDocument, console =>
        {
            Write(console, document);
            console.WriteLine($"address {document.Address} (regtest), {document.Threshold} of {document.Participants}, group:");
            console.WriteLine(document.Group);
            if (withNodes)
            {
                console.WriteLine("Sign something:");
                Console.Out.WriteLine(
                    $"./signer sign --url {document.Nodes[0].Url} --group {document.Group} --message {string.Concat(Enumerable.Repeat("2a", 32))} --allow-raw");
            }
        });
    }

    private static async Task<int> DownAsync(ClusterDirectory directory, Terminal terminal, CancellationToken cancellation)
    {
        if (!Directory.Exists(directory.Root))
        {
            throw NoCluster(directory);
        }

        using IDisposable held = directory.Hold();
        ClusterDocument? document = await terminal.WithProgressAsync(
            "Taking the cluster down…", progress => new LocalCluster(directory).DownAsync(progress, cancellation));
        return document is null
            ? terminal.ShowLines(ServersVerb.Find(directory), ClusterJson.Readable.ServersDocument, ["Nothing runs."])
            : terminal.Show(document, ClusterJson.Readable.ClusterDocument, static console => console.WriteLine("Nothing runs. What the cluster knows stays."));
    }

    private static async Task<int> StatusAsync(ClusterDirectory directory, Terminal terminal, CancellationToken cancellation)
    {
        ClusterDocument document = await new LocalCluster(directory).ProbeAsync(cancellation) ?? throw NoCluster(directory);
        return document.Nodes.All(static node => node.Pid is null)
            ? terminal.ShowUnavailable(document, ClusterJson.Readable.ClusterDocument, Show)
            : terminal.Show(document, ClusterJson.Readable.ClusterDocument, Show);

        void Show(IAnsiConsole console)
        {
            Write(console, document);
            StandingTables.Write(console, document.Nodes);
        }
    }

    /// <summary>What was chosen when the cluster was made stays; to ask for something else is a mistake, not a wish that can be left unheard.</summary>
    private static void DemandSame(ParseResult parsed, ClusterPlan wanted, ClusterDocument? document, ClusterDirectory directory)
    {
        if (document is null)
        {
            return;
        }

        int coordinators = document.Nodes.Count(static node => node.Role == ClusterPlan.Coordinator.Role);
        (Option<int> Option, int Wanted, int Has)[] choices =
        [
            (_participants, wanted.Participants, document.Participants),
            (_threshold, wanted.Threshold, document.Threshold),
            (_coordinators, wanted.Coordinators, coordinators),
            (_participantNodes, wanted.ParticipantNodes, (document.Nodes.Count - coordinators) / document.Participants),
            (_httpPort, wanted.HttpPort, new Uri(document.Nodes[0].Url).Port),
        ];
        foreach ((Option<int> option, int value, int has) in choices)
        {
            if (value != has && parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException(
                    "cluster_differs",
                    $"{option.Name} {value}: the cluster in {directory.Root} was made with {has}, and that stays. "
                        + "Take another folder with --data DIR, or remove this one after: signer cluster down");
            }
        }

        string? registry = document.Nodes[0].Environment.GetValueOrDefault(Provisioning.RegistryFile);
        if (wanted.Registry is { } named && Path.GetFullPath(named.File) != registry)
        {
            throw new UsageException(
                "cluster_differs",
                $"--registry {named.File}: the cluster in {directory.Root} was made with {registry ?? "none"}, and that stays. "
                    + "Take another folder with --data DIR.");
        }
    }

    private static void Write(IAnsiConsole console, ClusterDocument document)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("what", "role", "where", "process", "state");
        Add(table, "postgres", "server", $"{document.Servers.Postgres.Host}:{document.Servers.Postgres.Port}", document.Servers.Postgres.Pid, state: null);
        foreach (ClusterNode node in document.Nodes)
        {
            Add(table, node.Name, node.Role, node.Url, node.Pid, node.State);
        }

        console.Write(table);
    }

    private static void Add(Table table, string name, string role, string place, int? id, string? state) =>
        table.AddRow(name, role, place, id is null ? "-" : $"{id}", state ?? (id is null ? "down" : "up"));

    private static UsageException NoCluster(ClusterDirectory directory) =>
        new("no_cluster", $"There is no cluster in {directory.Root}. Make one with: signer cluster up, or name its folder with --data DIR.");
}
