using System.Diagnostics;
using System.Security.Cryptography;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Messages;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Audit;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host;

/// <summary>The guardian of a new group with a long history, in a sealed journal on the disk: how long it takes to come back.</summary>
public sealed class MeasuredGuardian : IAsyncDisposable
{
    private const int AtOnce = 512;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);
    private readonly DataDirectory _directory;
    private readonly JournalSystem _system;
    private readonly NodeStorage _storage;
    private readonly GuardianAddress _guardian;

    private MeasuredGuardian(DataDirectory directory, JournalSystem system, NodeStorage storage, GroupId group) =>
        (_directory, _system, _storage, _guardian) = (directory, system, storage, new GuardianAddress(group));

    /// <summary>Makes a group in a new directory and lets its guardian write a history.</summary>
    /// <param name="records">At least 1.</param>
    /// <param name="progress">Records written so far.</param>
    public static async Task<MeasuredGuardian> WriteAsync(string data, int records, IProgress<long> progress, CancellationToken cancellation)
    {
        DataDirectory directory = DataDirectory.Hold(data);
        GroupId group = (await Wiring.CreateGroupAsync(directory, 2, 3)).Value;
        JournalSystem system = JournalSystem.StartLocal([directory.Coordinator.Name], NullLoggerFactory.Instance);
        NodeStorage storage = await NodeStorage.OpenAsync(system, directory, directory.Coordinator, new NodeStorageSettings(), NullLoggerFactory.Instance);
        system.Open(directory.Coordinator.Name, storage.Keeper.Journal);
        MeasuredGuardian measured = new(directory, system, storage, group);
        bool isWritten = false;
        try
        {
            await measured.WriteAsync(records, progress, cancellation);
            isWritten = true;
            return measured;
        }
        finally
        {
            if (!isWritten)
            {
                await measured.DisposeAsync();
            }
        }
    }

    /// <summary>How long a new activation takes until it answers its first question.</summary>
    /// <param name="fromCheckpoints">Else from all rows.</param>
    public async Task<TimeSpan> RecoverAsync(bool fromCheckpoints, CancellationToken cancellation)
    {
        long begun = Stopwatch.GetTimestamp();
        IActorRef guardian = Activate(fromCheckpoints);
        FromGuardian answer = await AskAsync(guardian, new GuardianCommand.Show(), cancellation);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        await guardian.GracefulStop(_patience, Stop.Instance);
        return answer.Answer is GuardianAnswer.Granted
            ? took
            : throw new UnavailableException("bench_unfinished", $"The guardian did not come back: {answer.Answer}");
    }

    /// <summary>How long <c>journal audit</c> takes over the journal, all of whose rows but a few are the guardian's.</summary>
    public async Task<TimeSpan> AuditAsync(IProgress<long> progress, CancellationToken cancellation)
    {
        JournalAudit audit = await Verification.AuditOfAsync(_storage.Store, _storage.Keeper, _directory.Coordinator.Documents, cancellation);
        long begun = Stopwatch.GetTimestamp();
        AuditReport report = await audit.RunAsync(null, progress, cancellation);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        return report.Findings.Count == 0
            ? took
            : throw new UnavailableException("bench_unfinished", $"The audit has findings: {report.Findings[0]}");
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _system.DisposeAsync();
        _directory.Dispose();
    }

    private async Task WriteAsync(int records, IProgress<long> progress, CancellationToken cancellation)
    {
        IActorRef guardian = Activate(fromCheckpoints: true);
        for (int row = 0; row < records; row += row == 0 ? 1 : AtOnce)
        {
            // The rules before anything else; then as many withdrawals as can wait for one write.
            int upTo = row == 0 ? 1 : Math.Min(row + AtOnce, records);
            FromGuardian[] answers =
                await Task.WhenAll(Enumerable.Range(row, upTo - row).Select(number => AskAsync(guardian, CommandOf(number), cancellation)));
            if (Array.Find(answers, static answer => answer.Answer is not GuardianAnswer.Granted) is { } refused)
            {
                throw new UnavailableException("bench_unfinished", $"The history could not be written: {refused.Answer}");
            }

            progress.Report(upTo);
        }

        await guardian.GracefulStop(_patience, Stop.Instance);
    }

    private IActorRef Activate(bool fromCheckpoints)
    {
        string party = _directory.Coordinator.Name;
        GuardianParts parts = new(AkkaSettings.JournalOf(party), _storage.Quarantine, TimeProvider.System)
        {
            Checkpoints = fromCheckpoints ? AkkaSettings.CheckpointsOf(party) : null,
        };
        return _system.System.ActorOf(GroupGuardianActor.Props(EntityAddress.Of(_guardian), parts));
    }

    private Task<FromGuardian> AskAsync(IActorRef guardian, GuardianCommand command, CancellationToken cancellation) =>
        guardian.Ask<FromGuardian>(new ToGuardian(_guardian, command), _patience, cancellation);

    private static GuardianCommand CommandOf(int row) => row == 0
        ? new GuardianCommand.Configure(new GuardianRules(
            new LimiterWindow("all", ulong.MaxValue, ulong.MaxValue), MaximumAge: 86_400, MaximumSkew: 300, LooseningDelay: 0))
        : new GuardianCommand.Withdraw(
            SessionId.Parse($"withdrawal-{row}"), FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(row))), 10_000, null);
}
