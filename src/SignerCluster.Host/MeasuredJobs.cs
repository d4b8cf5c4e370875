using System.Diagnostics;
using Akka.Actor;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.CovenantJobs;
using SignerCluster.Actors.Messages;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host;

/// <summary>What many submits of one request made.</summary>
/// <param name="Answers">How many different answers there were.</param>
public sealed record MeasuredStorm(TimeSpan Took, int Answers, int Jobs, int Sessions);

/// <summary>What a cluster does that comes up with many open jobs.</summary>
/// <param name="FirstAnswer">From the beginning of the start to the first answer about one of them.</param>
/// <param name="Signed">How many were signed within <paramref name="Watched"/> after that.</param>
/// <param name="Stop">How long it then takes to stop.</param>
public sealed record MeasuredTakeover(TimeSpan FirstAnswer, int Signed, TimeSpan Watched, TimeSpan Stop);

/// <summary>Covenant jobs of a new group in a cluster of this process, on a sealed journal on the disk.</summary>
public sealed class MeasuredJobs : IDisposable
{
    private const int AtOnce = 512;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly string _data;
    private readonly SampleCovenant _covenant;
    private readonly ClusterSettings _settings;

    private MeasuredJobs(string data, SampleCovenant covenant) =>
        (_data, _covenant, _settings) = (data, covenant, new ClusterSettings { Registry = covenant.MakeRegistry(data, TimeProvider.System) });

    /// <summary>Makes a group in a new directory.</summary>
    public static async Task<MeasuredJobs> MakeAsync(string data)
    {
        using DataDirectory directory = DataDirectory.Hold(data);
        return new MeasuredJobs(data, new SampleCovenant((await Wiring.CreateGroupAsync(directory, 2, 3)).Value));
    }

    /// <summary>Submits one request so many times at once, and waits for all answers.</summary>
    public async Task<MeasuredStorm> StormAsync(int submits, CancellationToken cancellation)
    {
        await using RunningCluster running = await StartAsync(_settings, cancellation);
        JobRequest request = _covenant.MakeRequest(0);
        long begun = Stopwatch.GetTimestamp();
        JobAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, submits).Select(_ =>
            Task.Run(() => running.Cluster.Jobs!.AskAsync(JobOf(0), new JobCommand.Submit(request), _patience, cancellation), cancellation)));
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        return new MeasuredStorm(
            took,
            answers.Distinct().Count(),
            await CountAsync(running, EntityKind.CovenantJob, cancellation),
            await CountAsync(running, EntityKind.RoastCoordinator, cancellation));
    }

    /// <summary>Lets so many jobs be accepted, of which none reaches a session.</summary>
    /// <param name="progress">Jobs written so far.</param>
    public async Task LeaveOpenAsync(int jobs, IProgress<long> progress, CancellationToken cancellation)
    {
        using DataDirectory directory = DataDirectory.Hold(_data);
        string party = directory.Coordinator.Name;
        await using JournalSystem system = JournalSystem.StartLocal([party], NullLoggerFactory.Instance);
        await using NodeStorage storage = await NodeStorage.OpenAsync(
            system, directory, directory.Coordinator, new NodeStorageSettings(), NullLoggerFactory.Instance);
        system.Open(party, storage.Keeper.Journal);
        using GroupDirectory groups = await GroupDirectory.LoadPublicAsync(
            directory.Coordinator.Documents, new SigningPolicy(), TimeProvider.System, cancellation);
        using RegistryFile registry = RegistryFile.Open(_settings.Registry!, TimeProvider.System, NullLogger<RegistryFile>.Instance);
        JobParts parts = new(AkkaSettings.JournalOf(party), ActorRefs.Nobody, groups.StandingOf, registry, storage.Quarantine, TimeProvider.System)
        {
            Decisions = static () => ActorRefs.Nobody,
        };
        for (int written = 0; written < jobs; written += AtOnce)
        {
            int upTo = Math.Min(written + AtOnce, jobs);
            await Task.WhenAll(Enumerable.Range(written, upTo - written).Select(number => AcceptAsync(system.System, parts, number, cancellation)));
            progress.Report(upTo);
        }
    }

    /// <summary>Starts the cluster over all of them.</summary>
    public async Task<MeasuredTakeover> TakeOverAsync(int jobs, TimeSpan watched, CancellationToken cancellation)
    {
        JobRequest last = _covenant.MakeRequest(jobs - 1);
        long begun = Stopwatch.GetTimestamp();
        await using RunningCluster running = await StartAsync(_settings, cancellation);
        JobAnswer answer = await running.Cluster.Jobs!.AskAsync(
            JobOf(jobs - 1), new JobCommand.Poll(last.DigestFor(JobOf(jobs - 1))), TimeSpan.Zero, cancellation);
        TimeSpan took = Stopwatch.GetElapsedTime(begun);
        if (answer is not JobAnswer.Granted)
        {
            throw new UnavailableException("bench_unfinished", $"An open job was not answered for: {answer}");
        }

        int before = await CountOpenAsync(running, cancellation);
        long watching = Stopwatch.GetTimestamp();
        await Task.Delay(watched, cancellation);
        (int signed, TimeSpan watchedFor) = (before - await CountOpenAsync(running, cancellation), Stopwatch.GetElapsedTime(watching));
        long stopping = Stopwatch.GetTimestamp();
        await running.DisposeAsync();
        return new MeasuredTakeover(took, signed, watchedFor, Stopwatch.GetElapsedTime(stopping));
    }

    public void Dispose() => _covenant.Dispose();

    private Task<RunningCluster> StartAsync(ClusterSettings settings, CancellationToken cancellation) =>
        Wiring.StartAsync(_data, settings, NullLoggerFactory.Instance, cancellation);

    private async Task AcceptAsync(ActorSystem system, JobParts parts, int number, CancellationToken cancellation)
    {
        IActorRef job = system.ActorOf(CovenantJobActor.Props(EntityAddress.Of(JobOf(number)), parts));
        JobCommand submit = new JobCommand.Submit(_covenant.MakeRequest(number));
        FromJob accepted = await job.Ask<FromJob>(new ToJob(JobOf(number), submit), _patience, cancellation);
        job.Tell(Stop.Instance);
        if (accepted.Answer is not JobAnswer.Granted)
        {
            throw new UnavailableException("bench_unfinished", $"A job could not be written: {accepted.Answer}");
        }
    }

    internal static JobAddress JobOf(int number) => new(CovenantKind.SelfV1, RouteRequestId.Parse($"job-{number}"));

    private static async Task<int> CountAsync(RunningCluster running, string kind, CancellationToken cancellation) =>
        await running.CoordinatorJournal.ListAsync(kind, cancellation).CountAsync(cancellation);

    private static async Task<int> CountOpenAsync(RunningCluster running, CancellationToken cancellation) =>
        await running.CoordinatorJournal.ListOpenAsync(EntityKind.CovenantJob, cancellation).CountAsync(cancellation);
}
