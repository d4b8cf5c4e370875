using SignerCluster.Frost;
using SignerCluster.Simulator.ActorSystems;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Deciders;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Reporting;

namespace SignerCluster.Simulator.Simulated;

/// <summary>Everything that one seed makes: nodes and stores of all operators, what is between them, who uses them, who harms them, who watches.</summary>
internal sealed class World
{
    private readonly Dictionary<SeatId, Liar> _liars = [];
    private readonly Choices _entropy;
    private readonly Choices _keyEntropy;
    private readonly byte[] _lastDraw = new byte[32];

    internal World(SimulationSettings settings)
    {
        Settings = settings;
        Choices shape = Choices.For(Seed, "shape");
        _entropy = Choices.For(Seed, "entropy");
        _keyEntropy = Choices.For(Seed, "entropy of keys");
        Scheduler = new Scheduler(Choices.For(Seed, "scheduling"), shape.Pick([0, 100, 500, 1000]));
        Trace = new Trace(Scheduler, settings.TraceLength);
        Faults = new FaultPlan(Seed, settings.Disabled);
        Limits = Limits.Choose(shape, Faults);
        Group = TestGroup.Choose(shape);
        Outside = new Incarnation(Scheduler, "outside");
        Network = new Network(this);
        Crashes = new Crashes(this);
        Partitions = new Partitions(this);
        Adversary = new Adversary(this);
        KeyChores = new KeyChores(this);
        Damage = new Damage(this);
        Guard = new Guard(this);
        Orchestrators = new Orchestrators(this);
        Registry = new SimulatedRegistry(this);
        Clients = new Clients(this);
        Checks = new Checks(this);
        Coordination = new Operator(this, "coordinator", null);
        Operators = [.. Group.Public.Seats.Select(seat => new Operator(this, $"operator {seat}", seat))];
        Nodes = [.. MakeNodes(shape)];
        ChooseLiars(shape);
        Checks.Add(
            new NonceChecker(this),
            new CommitmentChecker(this),
            new DurabilityChecker(this),
            new AttemptChecker(this),
            new SessionChecker(this),
            new SealingChecker(this),
            new QuarantineChecker(this),
            new SurvivalChecker(this),
            new GuardianChecker(this),
            new JobChecker(this),
            Adversary);
    }

    internal SimulationSettings Settings { get; }

    internal long Seed => Settings.Seed;

    internal Scheduler Scheduler { get; }

    internal Trace Trace { get; }

    internal Findings Findings { get; } = new();

    internal Coverage Coverage { get; } = new();

    internal FaultPlan Faults { get; }

    internal Limits Limits { get; }

    internal TestGroup Group { get; }

    /// <summary>The context of everything that is no node and never dies: clients, the network, the passing of outages.</summary>
    internal Incarnation Outside { get; }

    internal Network Network { get; }

    internal Crashes Crashes { get; }

    internal Partitions Partitions { get; }

    internal Adversary Adversary { get; }

    internal KeyChores KeyChores { get; }

    internal Damage Damage { get; }

    internal Guard Guard { get; }

    internal Orchestrators Orchestrators { get; }

    internal SimulatedRegistry Registry { get; }

    internal Clients Clients { get; }

    internal Checks Checks { get; }

    internal Operator Coordination { get; }

    /// <summary>By seat.</summary>
    internal IReadOnlyList<Operator> Operators { get; }

    internal IReadOnlyList<Node> Nodes { get; }

    /// <summary>Seats whose operator lies.</summary>
    internal SeatSet Liars { get; private set; }

    internal bool SessionsMayExpire => Limits.SessionsMayExpire;

    internal TimeSpan NonceLife => Limits.Nonces.ExpireAfter;

    internal DateTimeOffset Now => Scheduler.Now;

    internal Liar? LiarAt(SeatId seat) => _liars.GetValueOrDefault(seat);

    /// <summary>Entropy for what is sealed at rest, which rests on a good source as all encryption does.</summary>
    internal void DrawForKeys(Span<byte> destination) => _keyEntropy.Fill(destination);

    /// <summary>Entropy for nonces. A bad source gives the same bytes twice, and what a nonce is derived from is made to survive that.</summary>
    internal void Draw(Span<byte> destination)
    {
        if (!Faults.Happens(FaultKind.EntropyRepeats))
        {
            _entropy.Fill(_lastDraw);
        }

        _lastDraw.AsSpan(0, destination.Length).CopyTo(destination);
    }

    /// <summary>Starts work inside an incarnation. An exception that escapes it is a finding: X0.</summary>
    internal void Spawn(Incarnation life, Func<Task> work) => Scheduler.Post(life, () => Watch(life, work()));

    /// <summary>Of work that nobody waits for: an exception that escapes it is a finding, X0.</summary>
    internal void Watch(Incarnation life, Task work) => _ = work.ContinueWith(
        broken => Findings.Report("X0", $"{life.Name}: {broken.Exception!.GetBaseException()}"),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private IEnumerable<Node> MakeNodes(Choices shape)
    {
        int number = 0;
        for (int twin = 0; twin < 2; twin++)
        {
            Coordination.Nodes.Add(MakeNode(Coordination, $"coordinator-{(char)('a' + twin)}", number++));
        }

        foreach (Operator owner in Operators)
        {
            // Actor systems cost time to start.
            int nodes = shape.PerMille(Settings.Part == Part.Actors ? 250 : 500) ? 2 : 1;
            for (int twin = 0; twin < nodes; twin++)
            {
                owner.Nodes.Add(MakeNode(owner, $"seat{owner.Seat}-{(char)('a' + twin)}", number++));
            }
        }

        return Coordination.Nodes.Concat(Operators.SelectMany(static owner => owner.Nodes));
    }

    private Node MakeNode(Operator owner, string name, int number) => (Settings.Part, owner.Seat) switch
    {
        (Part.Actors, null) => new CoordinatorActorNode(this, owner, name, number),
        (Part.Actors, _) => new SeatActorNode(this, owner, name, number),
        _ => new DeciderNode(this, owner, name, number),
    };

    private void ChooseLiars(Choices shape)
    {
        int most = Group.Public.Participants - Group.Public.Threshold;
        for (int liars = shape.Below(most + 1); liars > 0; liars--)
        {
            SeatId seat = shape.Pick(Operators).Seat!.Value;
            _liars[seat] = new Liar(Faults);
            Liars = Liars.With(seat);
        }
    }
}
