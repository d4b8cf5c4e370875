using System.Text.Json;
using SignerCluster.Host.Tests.Verbs;

namespace SignerCluster.Workbench.Tests;

public sealed class BenchTests
{
    [Fact]
    public async Task Bench_reports_the_figures_of_the_contract()
    {
        JsonElement measured = (await BenchAsync("--sessions", "40", "--concurrency", "8", "--json")).Done();
        string[] wanted =
        [
            "signatures", "seconds", "signaturesPerSecond", "p50Ms", "p99Ms", "cpuMsPerSignature", "bytesPerSignature", "journalBytesPerSignature", "threshold",
            "participants",
            "concurrency", "journal", "sealed", "sealMicroseconds", "rotations", "historiesReadBack",
        ];
        Assert.Equal(wanted.Order(), measured.EnumerateObject().Select(static field => field.Name).Order());
        Assert.Equal(40, measured.GetProperty("signatures").GetInt32());
        Assert.True(measured.GetProperty("bytesPerSignature").GetInt64() > 0);
        JsonElement crypto = (await BenchAsync("--crypto", "--json")).Done();
        Assert.True(crypto.GetProperty("msPerSignature").GetDouble() > 0);
        Assert.Equal((2, 3), (crypto.GetProperty("threshold").GetInt32(), crypto.GetProperty("participants").GetInt32()));
    }

    [Fact]
    public async Task Bench_without_a_seal_in_memory_and_rotating_say_what_they_did_and_lose_nothing()
    {
        JsonElement open = (await BenchAsync("--no-seal", "--sessions", "10", "--concurrency", "4", "--json")).Done();
        Assert.False(open.GetProperty("sealed").GetBoolean());
        Assert.False(open.TryGetProperty("sealMicroseconds", out _));
        JsonElement memory = (await BenchAsync("--journal", "memory", "--sessions", "10", "--concurrency", "4", "--json")).Done();
        Assert.Equal("memory", memory.GetProperty("journal").GetString());
        JsonElement rotating = (await BenchAsync("--rotate-every", "1", "--sessions", "60", "--concurrency", "4", "--json")).Done();
        Assert.True(rotating.GetProperty("rotations").GetInt32() > 0);
        Assert.True(rotating.GetProperty("historiesReadBack").GetInt64() >= 60 * 3);
    }

    [Fact]
    public async Task Bench_compares_in_turns_and_refuses_comparisons_that_contradict_each_other()
    {
        JsonElement compared = (await BenchAsync("--compare-seal", "--sessions", "10", "--concurrency", "4", "--json")).Done();
        Assert.Equal(
            ("seal", 3, 3),
            (compared.GetProperty("compared").GetString(), compared.GetProperty("without").GetArrayLength(), compared.GetProperty("with").GetArrayLength()));
        Assert.All(compared.GetProperty("without").EnumerateArray(), static round => Assert.False(round.GetProperty("sealed").GetBoolean()));
        Assert.All(compared.GetProperty("with").EnumerateArray(), static round => Assert.True(round.GetProperty("sealed").GetBoolean()));
        Assert.True(compared.GetProperty("ratio").GetDouble() > 0);
        (await BenchAsync("--no-seal", "--rotate-every", "10", "--json")).Failed(2, "bench_contradictory");
        (await BenchAsync("--compare-seal", "--compare-rotation", "10", "--json")).Failed(2, "bench_contradictory");
        (await BenchAsync("--rotate-every", "0", "--json")).Failed(2, "bench_out_of_range");
    }

    [Fact]
    public async Task C2_Bench_of_covenant_jobs_says_that_one_request_was_one_job_and_what_a_start_over_open_ones_takes()
    {
        JsonElement jobs = (await BenchAsync("--open-jobs", "40", "--json")).Done();
        Assert.Equal(
            (10_000, 1, 1, 1),
            (jobs.GetProperty("submits").GetInt32(), jobs.GetProperty("stormAnswers").GetInt32(), jobs.GetProperty("stormJobs").GetInt32(),
                jobs.GetProperty("stormSessions").GetInt32()));
        Assert.True(jobs.GetProperty("openJobs").GetInt32() == 40 && jobs.GetProperty("jobsPerSecondAfter").GetDouble() > 0);
        JsonElement compared = (await BenchAsync("--compare-jobs", "--sessions", "10", "--concurrency", "4", "--json")).Done();
        Assert.Equal("jobs", compared.GetProperty("compared").GetString());
        (await BenchAsync("--open-jobs", "0", "--json")).Failed(2, "bench_out_of_range");
        (await BenchAsync("--open-jobs", "1", "--crypto", "--json")).Failed(2, "bench_contradictory");
    }

    [Fact]
    public async Task Help_and_a_usage_error_name_the_launcher_that_people_type()
    {
        Assert.Contains("  signer bench [options]", (await WorkbenchProcess.RunAsync("bench", "--help")).Out, StringComparison.Ordinal);
        Ended wrong = await WorkbenchProcess.RunAsync("bench", "--nonsense");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("'--nonsense'. See: signer bench --help", wrong.Error, StringComparison.Ordinal);
    }

    private static Task<Ended> BenchAsync(params string[] options) => WorkbenchProcess.RunAsync(["bench", .. options]);
}
