using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host;

/// <summary>How the cluster of a measurement keeps its journals.</summary>
/// <param name="InMemory">In memory instead of SQLite.</param>
/// <param name="Unsealed">As plain text, to see what sealing costs.</param>
public sealed record MeasuredJournals(bool InMemory, bool Unsealed);

/// <summary>
/// A cluster in this process with one new group, as a measurement needs it: it signs bare messages. Disposing stops it and leaves the directory.
/// </summary>
public sealed class MeasuredCluster : IAsyncDisposable
{
    private readonly RunningCluster _running;
    private readonly ClusterSettings _settings;
    private readonly GroupId _group;
    private readonly SampleCovenant _covenant;
    private readonly Dictionary<int, JobRequest> _requests = [];

    private MeasuredCluster(RunningCluster running, ClusterSettings settings, GroupId group, SampleCovenant covenant) =>
        (_running, _settings, _group, _covenant) = (running, settings, group, covenant);

    /// <summary>Makes the group in a new directory, and starts its cluster.</summary>
    public static async Task<MeasuredCluster> StartAsync(
        string data, int threshold, int participants, MeasuredJournals journals, CancellationToken cancellation)
    {
        GroupId group;
        using (DataDirectory directory = DataDirectory.Hold(data))
        {
            group = (await Wiring.CreateGroupAsync(directory, threshold, participants)).Value;
        }

        SampleCovenant covenant = new(group);
        ClusterSettings settings = new()
        {
            Policy = new SigningPolicy { AllowRaw = true },
            Storage = new NodeStorageSettings { InMemory = journals.InMemory },
            Unsealed = journals.Unsealed,
            Registry = covenant.MakeRegistry(data, TimeProvider.System),
        };
        return new MeasuredCluster(await Wiring.StartAsync(data, settings, NullLoggerFactory.Instance, cancellation), settings, group, covenant);
    }

    /// <summary>Signs a message as the group, and returns how that ended; within the given time.</summary>
    public Task<SigningReport> SignAsync(SessionId session, Bytes32 message, TimeSpan patience, CancellationToken cancellation) =>
        _running.Cluster.Desk.SignMessageAsync(_group, session, message, patience, cancellation);

    /// <summary>
    /// Signs a payment of one input that no other number has, as a plain session or, once there is a guardian, as a withdrawal; returns how that ended.
    /// </summary>
    public Task<SigningReport> PayAsync(SessionId session, int number, bool isWithdrawal, TimeSpan patience, CancellationToken cancellation)
    {
        byte[] psbt = MakePayment(number);
        return isWithdrawal
            ? _running.Cluster.Desk.WithdrawAsync(_group, session, psbt, approvals: null, timestamp: null, patience, cancellation)
            : _running.Cluster.Desk.SignPsbtAsync(_group, session, psbt, approvals: null, patience, cancellation);
    }

    /// <summary>The session that signs for the job of an id.</summary>
    public static SessionId SessionOfJob(SessionId id) => JobOf(id).Session;

    /// <summary>
    /// Lets whoever submits jobs of these numbers make and approve their requests, which costs as much as a part of a signature and is another machine's work.
    /// </summary>
    public void PrepareRequests(IEnumerable<int> numbers)
    {
        foreach (int number in numbers)
        {
            _requests[number] = _covenant.MakeRequest(number);
        }
    }

    /// <summary>Spends a covenant of a number that was prepared, as a job. Throws <see cref="UnavailableException"/> where it is not signed in time.</summary>
    public async Task SpendAsync(SessionId id, int number, TimeSpan patience, CancellationToken cancellation)
    {
        JobAnswer answer = await _running.Cluster.Jobs!.AskAsync(JobOf(id), new JobCommand.Submit(_requests[number]), patience, cancellation);
        if (answer is not JobAnswer.Granted { Reply: JobReply.Ready })
        {
            throw new UnavailableException("bench_unfinished", $"Job {id} was not signed: {answer}");
        }
    }

    /// <summary>Puts the group under a guardian whose limits no measurement reaches. Throws <see cref="UnavailableException"/>.</summary>
    public async Task GuardAsync(CancellationToken cancellation)
    {
        GuardianRules rules = new(new LimiterWindow("all", ulong.MaxValue, ulong.MaxValue), MaximumAge: 86_400, MaximumSkew: 300, LooseningDelay: 0);
        FromGuardian answer = await _running.Cluster.Guardians[0].Desk.AskAsync(
            new GuardianAddress(_group), new GuardianCommand.Configure(rules), cancellation);
        if (answer.Answer is not GuardianAnswer.Granted)
        {
            throw new UnavailableException("bench_unfinished", $"The group was not put under a guardian: {answer.Answer}");
        }
    }

    /// <summary>Rotates the key of every node. Returns how many there are.</summary>
    public async Task<int> RotateAsync()
    {
        await Task.WhenAll(_running.Nodes.Select(static node => node.Keeper.RotateAsync(CancellationToken.None).AsTask()));
        return _running.Nodes.Count;
    }

    /// <summary>What the coordinator's journal says of a session; null for nothing. Throws <see cref="UnreadableHistoryException"/>.</summary>
    public async Task<SessionView?> ReadAsync(SessionId session, CancellationToken cancellation) =>
        await new SessionReader(_running.CoordinatorJournal).ReadAsync(new CoordinatorAddress(_group, session), cancellation);

    /// <summary>Reads every history of every seat back. Returns how many there are. Throws <see cref="UnreadableHistoryException"/>.</summary>
    public async Task<long> ReadSeatsAsync(CancellationToken cancellation)
    {
        long histories = 0;
        foreach (IJournal journal in _running.Nodes.Select(_settings.JournalOf))
        {
            await foreach (EntityId seat in journal.ListAsync(EntityKind.SigningSession, cancellation))
            {
                await journal.ReadAsync(seat, 0, cancellation);
                histories++;
            }
        }

        return histories;
    }

    private static JobAddress JobOf(SessionId id) => new(CovenantKind.SelfV1, RouteRequestId.Parse(id.ToString()));

    private byte[] MakePayment(int number)
    {
        XOnlyPublicKey key = _running.Cluster.Groups.StandingOf(_group).Group!.GroupKey.XOnly;
        Script own = Taproot.ScriptPubKey(Taproot.OutputKey(key, merkleRoot: null));
        Txid spent = new(FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(number))));
        Transaction unsigned = new(2, [new TxIn(new OutPoint(spent, 0))], [new TxOut(99_000, own)], lockTime: 0);
        return Psbt.Create(unsigned, [new TxOut(100_000, own)], [key]).ToBytes();
    }

    public async ValueTask DisposeAsync()
    {
        await _running.DisposeAsync();
        _covenant.Dispose();
    }
}
