using System.Globalization;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Reports;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos;

/// <summary>Runs scenarios one after the other. Those that do not damage their cluster share one of their shape.</summary>
internal sealed class Runner(Product product, bool keeps, Action<string> tell) : IAsyncDisposable
{
    private readonly HttpClient _http =
        new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(30) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Dictionary<ClusterShape, Deployment> _shared = [];
    private int _runs;

    /// <summary>Runs every scenario so many times, each time with the next seed.</summary>
    internal async Task<RunListReport> RunAsync(IReadOnlyList<Scenario> scenarios, long seed, int times, CancellationToken cancellation)
    {
        List<RunReport> runs = [];
        for (int time = 0; time < times; time++)
        {
            foreach (Scenario scenario in scenarios)
            {
                RunReport report = await RunAsync(scenario, seed + time, cancellation);
                tell($"{report.Scenario}, seed {report.Seed}: {(report.NotRun is { } why ? $"not run: {why}" : report.Passed ? "passed" : "FAILED")}");
                runs.Add(report);
            }
        }

        return new RunListReport(runs, runs.All(static run => run.Passed));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Deployment deployment in _shared.Values)
        {
            await deployment.DisposeAsync();
        }

        _http.Dispose();
    }

    private async Task<RunReport> RunAsync(Scenario scenario, long seed, CancellationToken cancellation)
    {
        Deployment? own = null;
        try
        {
            Deployment deployment = scenario.Cluster.IsOwn
                ? own = await Deployment.UpAsync(product, scenario.Cluster, _http, keeps, tell, cancellation)
                : await SharedAsync(scenario.Cluster, cancellation);
            RunReport report = await new ScenarioRun(deployment, scenario, seed, (++_runs).ToString(CultureInfo.InvariantCulture), tell).RunAsync(cancellation);
            if (!report.Passed && own is null)
            {
                // Whatever is wrong in it would be found again in every run that follows.
                _shared.Remove(scenario.Cluster);
                own = deployment;
            }

            return report;
        }
        catch (CannotRunException cannot)
        {
            return RunReport.Missing(scenario.Name, seed, cannot.Message);
        }
        finally
        {
            if (own is not null)
            {
                await own.DisposeAsync();
            }
        }
    }

    private async Task<Deployment> SharedAsync(ClusterShape shape, CancellationToken cancellation) =>
        _shared.TryGetValue(shape, out Deployment? known) ? known : _shared[shape] = await Deployment.UpAsync(product, shape, _http, keeps, tell, cancellation);
}
