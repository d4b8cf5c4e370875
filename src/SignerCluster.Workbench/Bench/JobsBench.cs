using SignerCluster.Host.Verbs;

namespace SignerCluster.Workbench.Bench;

/// <summary>Covenant jobs under load: one request submitted by very many, and a start with very many that are open.</summary>
internal static class JobsBench
{
    private const int Submits = 10_000;
    private static readonly TimeSpan _watched = TimeSpan.FromSeconds(10);

    internal static async Task<int> RunAsync(int openJobs, Terminal terminal, CancellationToken cancellation)
    {
        if (openJobs < 1)
        {
            throw new UsageException("bench_out_of_range", $"--open-jobs {openJobs}: at least 1.");
        }

        using TemporaryDirectory directory = new("signer-bench-");
        JobsBenchDocument measured = await terminal.WithProgressAsync("Writing jobs", async progress =>
        {
            using MeasuredJobs jobs = await MeasuredJobs.MakeAsync(Path.Combine(directory.Path, "open"));
            await jobs.LeaveOpenAsync(openJobs, progress, cancellation);
            MeasuredTakeover takeover = await jobs.TakeOverAsync(openJobs, _watched, cancellation);
            using MeasuredJobs one = await MeasuredJobs.MakeAsync(Path.Combine(directory.Path, "storm"));
            MeasuredStorm storm = await one.StormAsync(Submits, cancellation);
            return new JobsBenchDocument(
                Submits,
                Math.Round(storm.Took.TotalSeconds, 3),
                storm.Answers,
                storm.Jobs,
                storm.Sessions,
                openJobs,
                Math.Round(takeover.FirstAnswer.TotalSeconds, 3),
                Math.Round(takeover.Signed / takeover.Watched.TotalSeconds, 1),
                Math.Round(takeover.Stop.TotalSeconds, 3));
        });
        return terminal.ShowLines(
            measured,
            BenchJson.Readable.JobsBenchDocument,
            [
                $"{Submits} submits of one request: {measured.StormAnswers} answer, {measured.StormJobs} job and {measured.StormSessions} session "
                    + $"in {measured.StormSeconds} s",
                $"with {openJobs} open jobs the first answer came {measured.FirstAnswerSeconds} s after the start began; "
                    + $"{measured.JobsPerSecondAfter} jobs/s were signed after it, and the stop took {measured.StopSeconds} s",
            ]);
    }
}
