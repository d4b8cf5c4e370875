using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.HostileLinks;
using SignerCluster.Chaos.Proxy;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Cluster;

/// <summary>
/// A cluster of its own: servers and provisioning by <c>signer cluster up</c>, nodes as children of this process, and between every node and every server a
/// proxy, likewise on every link. Disposing stops everything and removes the folder, unless it is to be kept.
/// </summary>
internal sealed class Deployment : IAsyncDisposable
{
    private const string Coordinators = "SIGNER_LINKS_COORDINATORS";
    private const string Secrets = "SIGNER_SECRETS";

    // More than the clients of any scenario, each of whom waits on one of its own.
    private const int Connections = 2048;
    private static readonly TimeSpan _provisioning = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _mounting = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _exporting = TimeSpan.FromMinutes(5);
    private readonly Product _product;
    private readonly HttpClient _http;
    private readonly Action<string> _tell;
    private readonly bool _keeps;
    private readonly Dictionary<(string Node, string Way), IReadOnlyList<TcpProxy>> _proxies = [];
    private readonly ConcurrentQueue<HostileLink> _hostileLinks = new();
    private readonly Dictionary<string, NodeProcess> _nodes = new(StringComparer.Ordinal);
    private bool _isMounted;

    private Deployment(Product product, ClusterShape shape, HttpClient http, bool keeps, Action<string> tell)
    {
        (_product, Shape, _http, _keeps, _tell) = (product, shape, http, keeps, tell);
        Folder = Directory.CreateTempSubdirectory("signer-chaos-").FullName;
        // The servers run under users of their own, and their data stands below.
        File.SetUnixFileMode(
            Folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    internal string Folder { get; }

    internal ClusterShape Shape { get; }

    internal ClusterDocument Document { get; private set; } = null!;

    internal IReadOnlyCollection<NodeProcess> Nodes => _nodes.Values;

    /// <summary>The men in the middle; none unless the scenario has them.</summary>
    internal IReadOnlyCollection<HostileLink> HostileLinks => _hostileLinks;

    /// <summary>Where the coordinators take covenant jobs.</summary>
    internal RegistryFile? Registry { get; private set; }

    internal HttpClient Http => _http;

    internal Product Product => _product;

    /// <summary>How often each node found in this run that the others had taken it for dead; only those that did.</summary>
    internal IReadOnlyDictionary<string, int> TakenForDead => _nodes.Values.Select(static node => (node.Name, Times: node.TakenForDead))
        .Where(static node => node.Times > 0).ToDictionary(static node => node.Name, static node => node.Times, StringComparer.Ordinal);

    /// <summary>Everything that clients of any run on this cluster were told.</summary>
    internal List<ClientSession> Told { get; } = [];

    /// <summary>The mount point of the small file system under the database.</summary>
    internal string DatabaseFolder => Path.Combine(Folder, "servers", "postgres");

    /// <summary>Throws <see cref="CannotRunException"/>.</summary>
    internal static async Task<Deployment> UpAsync(
        Product product, ClusterShape shape, HttpClient http, bool keeps, Action<string> tell, CancellationToken cancellation)
    {
        Deployment deployment = new(product, shape, http, keeps, tell);
        bool isUp = false;
        try
        {
            await deployment.ProvisionAsync(cancellation);
            isUp = true;
            return deployment;
        }
        finally
        {
            if (!isUp)
            {
                await deployment.DisposeAsync();
            }
        }
    }

    internal NodeProcess Node(string name) => _nodes[name];

    /// <summary>The proxies on the way of a node to the database, or on its links.</summary>
    internal IReadOnlyList<TcpProxy> Proxies(string node, string way) => _proxies[(node, way)];

    /// <summary>Starts every node and returns when all are ready.</summary>
    internal async Task StartAllAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_nodes.Values.Select(static node => node.StartAsync()));
        foreach (NodeProcess node in _nodes.Values)
        {
            await node.WhenReadyAsync(cancellation);
        }
    }

    /// <summary>Ends every node that still runs, participants last, and puts the network right.</summary>
    internal async Task StopAllAsync()
    {
        Heal();
        foreach (IGrouping<bool, NodeProcess> role in _nodes.Values.GroupBy(static node => node.Node.IsCoordinator).OrderByDescending(static role => role.Key))
        {
            await Task.WhenAll(role.Select(static node => node.TerminateAsync()));
        }
    }

    internal void Heal()
    {
        foreach (TcpProxy proxy in _proxies.Values.SelectMany(static proxies => proxies).Distinct())
        {
            proxy.Arm(null);
            proxy.ToServer.Clear();
            proxy.ToClient.Clear();
        }

        foreach (HostileLink link in _hostileLinks)
        {
            link.Carried.Tamper(null);
        }
    }

    /// <summary>Stops or starts one server as the operator would. Throws <see cref="CannotRunException"/>.</summary>
    internal async Task SetServerAsync(string server, bool up)
    {
        Ended ended = await _product.RunAsync(
            ["cluster", "servers", up ? "up" : "down", "--data", Folder, "--json"], null, _provisioning, CancellationToken.None);
        if (ended.ExitCode != 0)
        {
            throw new CannotRunException($"signer cluster servers {(up ? "up" : "down")} {server} failed: {ended.Out}{ended.Error}");
        }

        Document = ClusterDocument.Read(Folder);
        _tell($"{server} {(up ? "up" : "down")}");
    }

    internal int? ServerPid() => ClusterDocument.Read(Folder).Servers.Postgres.Pid;

    /// <summary>Every party's journal, exported by the product itself. Throws <see cref="CannotRunException"/>.</summary>
    internal async Task<IReadOnlyList<PartyJournal>> ExportAsync(CancellationToken cancellation) =>
        await Task.WhenAll(Document.Nodes.DistinctBy(static node => node.Party).Select(node => ExportAsync(node, cancellation)));

    public async ValueTask DisposeAsync()
    {
        foreach (NodeProcess node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        foreach (TcpProxy proxy in _proxies.Values.SelectMany(static proxies => proxies).Distinct())
        {
            await proxy.DisposeAsync();
        }

        foreach (HostileLink link in _hostileLinks)
        {
            await link.DisposeAsync();
        }

        if (Directory.Exists(Folder))
        {
            await _product.RunAsync(["cluster", "down", "--data", Folder, "--json"], null, _provisioning, CancellationToken.None);
            if (_isMounted)
            {
                await Commands.RunAsync("umount", ["-l", DatabaseFolder], null, _mounting, CancellationToken.None);
            }

            if (_keeps)
            {
                _tell($"kept: {Folder}");
            }
            else
            {
                await Commands.RunAsync("rm", ["-rf", "--one-file-system", Folder], null, _provisioning, CancellationToken.None);
            }
        }
    }

    private async Task<PartyJournal> ExportAsync(ClusterNode node, CancellationToken cancellation)
    {
        Ended exported = await _product.RunAsync(["journal", "export", "--config", node.Config], node.Environment, _exporting, cancellation);
        // Exit code 1 says that rows cannot be read; the rows say which, and that is for the auditor.
        if (exported.ExitCode > 1 || (exported.ExitCode == 1 && !exported.Out.StartsWith("{\"ordering\"", StringComparison.Ordinal)))
        {
            throw new CannotRunException(
                $"The journal of {node.Party} cannot be exported: {exported.Error}{exported.Out[..Math.Min(exported.Out.Length, 500)]}");
        }

        return new PartyJournal(node.Party, [.. exported.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(JournalRow.Parse)]);
    }

    private async Task ProvisionAsync(CancellationToken cancellation)
    {
        _tell("making a cluster");
        string[] words =
        [
            "cluster", "up", "--data", Folder, "--no-nodes", "--json", "--http-port", Text(FreePorts.First()),
            "--participants", Text(Shape.Participants), "--threshold", Text(Shape.Threshold),
            "--coordinators", Text(Shape.Coordinators), "--participant-nodes", Text(Shape.ParticipantNodes),
        ];
        Ended up = await _product.LaunchAsync(words, _provisioning, cancellation);
        if (up.ExitCode != 0)
        {
            throw new CannotRunException($"signer {string.Join(' ', words)} failed: {up.Error}{up.Out}");
        }

        if (Shape.TmpfsMegabytes > 0)
        {
            await MountAsync(cancellation);
        }

        Document = ClusterDocument.Read(Folder);
        foreach (ClusterNode node in Document.Nodes)
        {
            await AddAsync(node);
        }

        AddLinksOfCoordinators();
        if (Shape.HasRegistry)
        {
            Registry = await RegistryFile.MakeAsync(Folder, Document.Group, _product, cancellation);
            Registry.GiveTo(_nodes.Values.Where(static node => node.Node.IsCoordinator));
        }

        foreach ((string node, TcpProxy proxy) in Shape.HasNodeProxies ? WaysBetweenNodes.Put(_nodes.Values) : [])
        {
            _proxies[(node, Words.Nodes)] = [proxy];
        }
    }

    private async Task AddAsync(ClusterNode node)
    {
        TcpProxy database = TcpProxy.Start(Document.Servers.Postgres.Host, Document.Servers.Postgres.Port);
        _proxies[(node.Name, Words.Database)] = [database];
        NodeProcess process = _nodes[node.Name] = new NodeProcess(node, _product, _http, _tell);
        process.Environment["SIGNER_DATABASE_HOST"] = IPAddress.Loopback.ToString();
        process.Environment["SIGNER_DATABASE_PORT"] = Text(database.Port);
        process.Environment["SIGNER_HTTP_CONNECTIONS"] = Text(Connections);
        if (!node.IsCoordinator && Shape.HasHostileLinks)
        {
            process.Environment[Coordinators] = string.Join(',', await Task.WhenAll(node.Environment[Coordinators].Split(',').Select(MeetAsync)));
        }
        else if (!node.IsCoordinator)
        {
            // The participant dials, so its side decides where the link goes.
            TcpProxy[] links = [.. node.Environment[Coordinators].Split(',').Select(TcpProxy.Before)];
            _proxies[(node.Name, Words.Links)] = links;
            process.Environment[Coordinators] = string.Join(',', links.Select(static link => link.Address));
        }

        async Task<string> MeetAsync(string coordinator)
        {
            HostileLink link = await HostileLink.StartAsync(
                coordinator, Document.Coordinators[0].Environment[Secrets], node.Environment[Secrets], seed: _hostileLinks.Count);
            _hostileLinks.Enqueue(link);
            return $"{IPAddress.Loopback}:{link.Port}";
        }
    }

    /// <summary>A coordinator's links are those that the participants dial to it.</summary>
    private void AddLinksOfCoordinators()
    {
        foreach ((int place, ClusterNode coordinator) in Shape.HasHostileLinks ? [] : Document.Coordinators.Index())
        {
            _proxies[(coordinator.Name, Words.Links)] =
                [.. Document.Nodes.Where(static node => !node.IsCoordinator).Select(node => _proxies[(node.Name, Words.Links)][place])];
        }
    }

    /// <summary>Moves the database, which stands still meanwhile, onto a file system of its own.</summary>
    private async Task MountAsync(CancellationToken cancellation)
    {
        const string move = """
            set -e
            cp -a "$1" "$1.moved"
            mount -t tmpfs -o "size=$2m" tmpfs "$1"
            chown --reference "$1.moved" "$1"
            chmod --reference "$1.moved" "$1"
            cp -a "$1.moved/." "$1"
            rm -rf "$1.moved"
            """;
        await SetServerAsync("postgres", up: false);
        Ended mounted = await Commands.RunAsync("/bin/sh", ["-c", move, "sh", DatabaseFolder, Text(Shape.TmpfsMegabytes)], null, _mounting, cancellation);
        _isMounted = mounted.ExitCode == 0 ? true : throw new CannotRunException($"No small file system can be mounted here: {mounted.Error.Trim()}");
        await SetServerAsync("postgres", up: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
