using System.Diagnostics;
using System.Security.Cryptography;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Messages;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host;

/// <summary>The guardian of a new group with a long history, in a sealed journal on the disk: how long it takes to come back.</summary>
public sealed class MeasuredGuardian : IAsyncDisposable
{
    private const int RowsAtOnce = 512;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);
    private readonly DataDirectory _directory;
    private readonly JournalSystem _system;
    private readonly NodeStorage _storage;
    private readonly GuardianAddress _guardian;

    private MeasuredGuardian(DataDirectory directory, JournalSystem system, NodeStorage storage, GroupId group) =>
        (_directory, _system, _storage, _guardian) = (directory, system, storage, new GuardianAddress(group));

    /// <summary>Makes a group in a new directory and writes its guardian's history, each record as its guardian would decide it.</summary>
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
        await measured.WriteAsync(records, progress, cancellation);
        return measured;
    }

    /// <summary>How long a new activation takes until it answers its first question.</summary>
    /// <param name="fromCheckpoints">Else from all rows.</param>
    public async Task<TimeSpan> RecoverAsync(bool fromCheckpoints, CancellationToken cancellation)
    {
        string party = _directory.Coordinator.Name;
        GuardianParts parts = new(AkkaSettings.JournalOf(party), _storage.Quarantine, TimeProvider.System)
        {
            Checkpoints = fromCheckpoints ? AkkaSettings.CheckpointsOf(party) : null,
        };
        long begun = Stopwatch.GetTimestamp();
        IActorRef guardian = _system.System.ActorOf(GroupGuardianActor.Props(EntityAddress.Of(_guardian), parts));
        FromGuardian answer = await guardian.Ask<FromGuardian>(new ToGuardian(_guardian, new GuardianCommand.Show()), _patience, cancellation);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        await guardian.GracefulStop(_patience, Stop.Instance);
        return answer.Answer is GuardianAnswer.Granted
            ? took
            : throw new UnavailableException("bench_unfinished", $"The guardian did not come back: {answer.Answer}");
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        await _system.DisposeAsync();
        _directory.Dispose();
    }

    private async Task WriteAsync(int records, IProgress<long> progress, CancellationToken cancellation)
    {
        EntityId checkpoints = EntityAddress.CheckpointsOf(_guardian);
        GuardianState state = GuardianDecider.Initial(_guardian.Group);
        CheckpointMark mark = default;
        List<GuardianEvent> waiting = [];
        for (int row = 0; row < records; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            GuardianAsked asked = new(CommandOf(row), (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
            GuardianEvent @event = ((Decision<GuardianEvent, GuardianEffect, GuardianReply>.Accepted)GuardianDecider.Decide(state, asked)).Events[0];
            state = GuardianDecider.Decider.Evolve(state, @event);
            waiting.Add(@event);
            if (waiting.Count == RowsAtOnce || row == records - 1)
            {
                await AppendAsync(EntityAddress.Of(_guardian), row + 1 - waiting.Count, [.. waiting.Select(GuardianCodec.Events.Encode)]);
                waiting.Clear();
                progress.Report(row + 1);
            }

            if (waiting.Count == 0 && state.Position - mark.Position >= new GuardianSettings().CheckpointAfter)
            {
                await AppendAsync(checkpoints, mark.Pieces, [.. GuardianCheckpoint.Take(state, row + 1, mark).Select(GuardianCodec.Checkpoints.Encode)]);
                mark = mark.With(state);
            }
        }
    }

    private async Task AppendAsync(EntityId id, long version, IReadOnlyList<(string StoredName, byte[] Bytes)> rows)
    {
        JournalEntry[] entries = [.. rows.Select(static row => new JournalEntry(row.StoredName, row.Bytes))];
        AppendOutcome outcome = await _storage.Keeper.Journal.AppendAsync(
            new JournalAppend(id, version, entries, OpenAfter: false, Guid.Empty, DateTimeOffset.UtcNow));
        if (outcome is not AppendOutcome.Appended)
        {
            throw new UnavailableException("bench_unfinished", $"The history could not be written: {outcome}");
        }
    }

    private static GuardianCommand CommandOf(int row) => row == 0
        ? new GuardianCommand.Configure(new GuardianRules(
            new LimiterWindow("all", ulong.MaxValue, ulong.MaxValue), MaximumAge: 86_400, MaximumSkew: 300, LooseningDelay: 0))
        : new GuardianCommand.Withdraw(
            SessionId.Parse($"withdrawal-{row}"), FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(row))), 10_000, null);
}
