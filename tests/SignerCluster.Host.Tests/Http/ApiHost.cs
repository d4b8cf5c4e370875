using System.Security.Cryptography;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Messages;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Policies;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>What one test wants of its API.</summary>
internal sealed record ApiOptions
{
    public int Threshold { get; init; } = 2;

    public int Participants { get; init; } = 3;

    public bool CoordinatorAllowsRaw { get; init; } = true;

    public bool ParticipantsAllowRaw { get; init; } = true;

    /// <summary>What the participants let be paid; null for no rule. Belongs to the test.</summary>
    public PolicyFile? ParticipantsPolicy { get; init; }

    /// <summary>Where covenant jobs look reserves up; null to take none.</summary>
    public IRegistry? Registry { get; init; }

    public string? Token { get; init; }

    public HttpLimits Limits { get; init; } = new();

    /// <summary>Seen before a seat is asked.</summary>
    public Action<SeatAddress>? BeforeSeat { get; init; }

    /// <summary>Alters what a seat answers.</summary>
    public Func<SeatAddress, SeatAnswer, SeatAnswer>? AlterAnswer { get; init; }

    /// <summary>Alters the coordinator's group file before it is loaded.</summary>
    public Func<string, string>? AlterGroupFile { get; init; }
}

/// <summary>The real API on a free port of loopback over a real embedded cluster with a freshly dealt group and journals in memory.</summary>
internal sealed class ApiHost : ApiCaller, IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly JournalSystem _system;
    private readonly List<IDisposable> _owned;

    private ApiHost(
        DirectoryInfo folder, GroupId group, FaultyJournal journal, IReadOnlyList<NodeStorage> nodes, JournalSystem system, EmbeddedCluster cluster,
        HttpApi api, RecordedLogs logs, List<IDisposable> owned)
        : base(api.Url)
    {
        _folder = folder;
        _system = system;
        Nodes = nodes;
        _owned = owned;
        Group = group;
        Journal = journal;
        Cluster = cluster;
        Api = api;
        Logs = logs;
    }

    public GroupId Group { get; }

    public XOnlyPublicKey GroupKey => Cluster.Groups.StandingOf(Group).Group!.GroupKey.XOnly;

    public FaultyJournal Journal { get; }

    /// <summary>What the API says of keys and quarantine. The cluster's histories are in memory and not in these.</summary>
    public IReadOnlyList<NodeStorage> Nodes { get; }

    public EmbeddedCluster Cluster { get; }

    public HttpApi Api { get; }

    public ServedNode Served => Serve(Cluster, Journal, Nodes);

    public RecordedLogs Logs { get; }

    public string SessionsPath => $"/v1/groups/{Group}/sessions";

    public static async Task<ApiHost> StartAsync(ApiOptions? wanted = null)
    {
        ApiOptions options = wanted ?? new ApiOptions();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("signer-http-");
        List<IDisposable> owned = [];
        DataDirectory data = Own(owned, DataDirectory.Hold(folder.FullName));
        GroupId group = (await Wiring.CreateGroupAsync(data, options.Threshold, options.Participants)).Value;
        if (options.AlterGroupFile is { } alter)
        {
            string path = Path.Combine(data.Coordinator.Path, "groups", $"{group}.json");
            await File.WriteAllTextAsync(path, alter(await File.ReadAllTextAsync(path)));
        }

        GroupDirectory groups = Own(
            owned,
            await GroupDirectory.LoadPublicAsync(
                data.Coordinator.Documents, new SigningPolicy { AllowRaw = options.CoordinatorAllowsRaw }, TimeProvider.System, CancellationToken.None));
        SigningPolicy policy = new() { AllowRaw = options.ParticipantsAllowRaw, Spending = options.ParticipantsPolicy };
        FaultyJournal journal = new(new MemoryJournal());
        RecordedLogs logs = Own(owned, new RecordedLogs());
        JournalSystem system = JournalSystem.StartCluster([.. data.Participants.Prepend(data.Coordinator).Select(static node => node.Name)], logs);
        List<NodeStorage> nodes = [await NodeStorage.OpenAsync(system, data, data.Coordinator, new NodeStorageSettings(), NullLoggerFactory.Instance)];
        List<EmbeddedParty> participants = [];
        foreach (NodeDirectory node in data.Participants)
        {
            NodeStorage storage = await NodeStorage.OpenAsync(system, data, node, new NodeStorageSettings(), NullLoggerFactory.Instance);
            nodes.Add(storage);
            GroupDirectory held = await GroupDirectory.LoadAsync(node.Documents, policy, storage.Keeper.Keys, TimeProvider.System, CancellationToken.None);
            participants.Add(Party(storage, new MemoryJournal(), Own(owned, held)));
        }

        EmbeddedClusterSettings settings = new()
        {
            Interpose = links => Props.Create(() => new WatchedLinks(links, options)),
            Registry = options.Registry,
        };
        EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            system, settings, Party(nodes[0], journal, groups), participants, RandomNumberGenerator.Fill, TimeProvider.System, CancellationToken.None);
        BearerToken? token = options.Token is { } text ? BearerToken.Load(TokenFile(folder.FullName, text)) : null;
        HttpApi api = HttpApi.Build(
            new HttpSettings(HttpSettings.ParseEndpoint("127.0.0.1:0"), token) { Limits = options.Limits }, Serve(cluster, journal, nodes), TimeProvider.System,
            logs);
        await api.StartAsync(CancellationToken.None);
        return new ApiHost(folder, group, journal, nodes, system, cluster, api, logs, owned);

        EmbeddedParty Party(NodeStorage node, IJournal entities, GroupDirectory known)
        {
            system.Open(node.Node.Name, entities);
            return new EmbeddedParty(node.Node.Name, entities, known, node.Quarantine);
        }
    }

    private static ServedNode Serve(EmbeddedCluster cluster, IJournal journal, IReadOnlyList<NodeStorage> nodes)
    {
        KeptJournal[] journals = [.. nodes.Select(static node => node.Kept)];
        return new ServedNode(cluster.Groups, journals, new EmbeddedReadiness(cluster, journal, journals, [], TimeProvider.System))
        {
            Sessions = new ServedSessions(cluster.Desk, journal),
            Guardians = cluster.Guardians,
            Jobs = cluster.Jobs,
        };
    }

    public static string TokenFile(string folder, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string path = Path.Combine(folder, $"token-{Guid.NewGuid():N}");
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    public Task<Answer> SignAsync(string session, string message, int wait = 0) =>
        PostAsync($$"""{"sessionId":"{{session}}","message":"{{message}}"}""", $"{SessionsPath}?wait={wait}");

    public Task<Answer> PostAsync(string json) => PostAsync(json, SessionsPath);

    public Task<Answer> PostAsync(byte[] body) => PostAsync(body, SessionsPath);

    public async Task StopParticipantsAsync(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            await Cluster.StopParticipantAsync(number);
        }
    }

    public void StartParticipants(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            Cluster.StartParticipant(number);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Api.DisposeAsync();
        await Cluster.DisposeAsync();
        foreach (NodeStorage node in Nodes)
        {
            await node.DisposeAsync();
        }

        await _system.DisposeAsync();
        foreach (IDisposable owned in Enumerable.Reverse(_owned))
        {
            owned.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static T Own<T>(List<IDisposable> owned, T disposable)
        where T : IDisposable
    {
        owned.Add(disposable);
        return disposable;
    }
}

/// <summary>Carries messages between coordinator and seats on, unless a test wants otherwise.</summary>
internal sealed class WatchedLinks(IActorRef links, ApiOptions options) : UntypedActor
{
    private readonly Dictionary<(SeatAddress Seat, long Ask), IActorRef> _askers = [];

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToSeat asked:
                options.BeforeSeat?.Invoke(asked.Seat);
                _askers[(asked.Seat, asked.Ask)] = Sender;
                links.Tell(asked, Self);
                break;
            case FromSeat answered when _askers.TryGetValue((answered.Seat, answered.Ask), out IActorRef? asker):
                asker.Tell(answered with { Answers = [.. answered.Answers.Select(answer => options.AlterAnswer?.Invoke(answered.Seat, answer) ?? answer)] });
                break;
        }
    }
}

/// <summary>A journal whose storage can fail and come back.</summary>
internal sealed class FaultyJournal(IJournal inner) : IJournal
{
    private volatile Exception? _fault;

    public void Fail(Exception? fault) => _fault = fault;

    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append) =>
        _fault is { } fault ? new(new AppendOutcome.NotWritten((JournalException)fault)) : inner.AppendAsync(append);

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        ThrowIfFailing();
        return inner.ReadAsync(id, afterSequenceNumber, cancellation);
    }

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation)
    {
        ThrowIfFailing();
        return inner.ReadVersionAsync(id, cancellation);
    }

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation)
    {
        ThrowIfFailing();
        return inner.ListOpenAsync(kind, cancellation);
    }

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation)
    {
        ThrowIfFailing();
        return inner.ListAsync(kind, cancellation);
    }

    private void ThrowIfFailing()
    {
        if (_fault is { } fault)
        {
            throw fault;
        }
    }
}

/// <summary>Keeps every log line of every category, the most talkative ones too.</summary>
internal sealed class RecordedLogs : ILoggerFactory
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public string All => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, _lines);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Recorder(string category, System.Collections.Concurrent.ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lines.Enqueue($"{category} scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category} {logLevel} {formatter(state, exception)} {exception}");
    }
}
