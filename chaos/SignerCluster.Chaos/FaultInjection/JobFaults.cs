using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Load;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>What is done to covenant jobs: the row of one is damaged, or their registry is taken away (C1, C6).</summary>
internal sealed class JobFaults(Deployment deployment, SigningLoad load)
{
    private const string Quarantined = "job_quarantined";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(100);

    /// <summary>Nodes look for their registry every second, and whoever asked before may wait for the answer.</summary>
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(6);
    private readonly Psql _psql = new(deployment.Document.Servers.Postgres);

    /// <summary>
    /// Changes one bit of an accepted job, and kills the coordinators, because a job in memory has read its history already. Until the bit is put right a retry
    /// of its request is refused as quarantined and nothing else, and other jobs are signed. Throws <see cref="CannotRunException"/> where that is not so.
    /// </summary>
    internal async Task<Func<Task>?> CorruptAsync(TimeSpan duration, CancellationToken over)
    {
        NodeProcess[] party = [.. deployment.Nodes.Where(static node => node.Node.IsCoordinator)];
        string database = party[0].Node.Environment["SIGNER_DATABASE_NAME"];
        string entity = await _psql.RunAsync(
            database, "SELECT persistence_id FROM signer.journal WHERE manifest = 'covenant-job.accepted.v1' ORDER BY ordering DESC OFFSET 2 LIMIT 1");
        CovenantJob job = load.Logs.Select(static log => log.Job).FirstOrDefault(job => job is not null && $"job/{job.Route}/{job.Id}" == entity)
            ?? throw new CannotRunException($"There is no accepted job of this load: '{entity}'.");
        await FlipAsync(database, entity);
        await Task.WhenAll(party.Select(static node => node.KillAsync()));
        await Task.WhenAll(party.Select(static node => node.StartAsync()));
        return async () =>
        {
            try
            {
                await CheckAsync(party, job, isBroken: true);
                int before = load.Finished;
                await Faults.WhileAsync(duration, over);
                await CheckAsync(party, job, isBroken: true);
                if (load.Finished == before && !over.IsCancellationRequested)
                {
                    throw new CannotRunException($"No other job was signed while {entity} was broken.");
                }
            }
            finally
            {
                await FlipAsync(database, entity);
            }

            await CheckAsync(party, job, isBroken: false);
        };
    }

    /// <summary>Takes the registry's file away. While it is, nothing is accepted, and plain sessions are signed. What follows puts it back.</summary>
    internal Task<Func<Task>?> TakeRegistryAsync(TimeSpan duration, CancellationToken over)
    {
        RegistryFile registry = deployment.Registry ?? throw new CannotRunException("The cluster has no registry: its load is not of jobs.");
        registry.Hide();
        return Task.FromResult<Func<Task>?>(async () =>
        {
            try
            {
                await Faults.WhileAsync(_noticed, over);
                int before = load.Accepted;
                await Faults.WhileAsync(duration, over);
                if (load.Accepted > before)
                {
                    throw new CannotRunException($"{load.Accepted - before} jobs were accepted without a registry.");
                }

                await CheckPlainAsync();
            }
            finally
            {
                registry.Show();
            }
        });
    }

    /// <summary>Every coordinator says of the job what it must.</summary>
    private async Task CheckAsync(NodeProcess[] party, CovenantJob job, bool isBroken)
    {
        foreach (NodeProcess node in party)
        {
            await node.WhenReadyAsync(CancellationToken.None);
            for (Stopwatch watch = Stopwatch.StartNew(); ; await Task.Delay(_between))
            {
                (bool isGranted, string told) = await SubmitAsync(node, job);
                bool isRight = isBroken ? told.Contains(Quarantined, StringComparison.Ordinal) : isGranted;
                if (isRight)
                {
                    break;
                }

                if ((isBroken && (isGranted || told.Contains("job_not_found", StringComparison.Ordinal))) || watch.Elapsed > _patience)
                {
                    throw new CannotRunException($"{node.Name} said of the {(isBroken ? "broken" : "restored")} job {job.Id}: {told}");
                }
            }
        }
    }

    private async Task<(bool IsGranted, string Told)> SubmitAsync(NodeProcess node, CovenantJob job)
    {
        try
        {
            using HttpResponseMessage response = await deployment.Http.PostAsJsonAsync(
                new Uri($"{node.Node.Url}/v1/{job.Route}/signer/requests"), job.Body, CancellationToken.None);
            return (response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None));
        }
        catch (Exception down) when (down is HttpRequestException or IOException)
        {
            return (false, down.Message);
        }
    }

    private async Task CheckPlainAsync()
    {
        ClusterNode node = deployment.Document.Coordinators[0];
        using HttpResponseMessage response = await deployment.Http.PostAsJsonAsync(
            new Uri($"{node.Url}/v1/groups/{deployment.Document.Group}/sessions?wait=10"),
            new { sessionId = $"plain-{Guid.NewGuid():n}", message = new string('7', 64) },
            CancellationToken.None);
        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None);
        if (!response.IsSuccessStatusCode || !body.TryGetProperty("signature", out _))
        {
            throw new CannotRunException($"{node.Name} answered a plain session without a registry with {(int)response.StatusCode}: {body.GetRawText()}");
        }
    }

    private async Task FlipAsync(string database, string entity)
    {
        string flipped = await _psql.RunAsync(
            database,
            "UPDATE signer.journal SET message = set_byte(message, length(message) / 2, get_byte(message, length(message) / 2) # 1) "
                + $"WHERE persistence_id = '{entity}' AND sequence_number = 1 RETURNING sequence_number");
        if (flipped != "1")
        {
            throw new CannotRunException($"The first row of {entity} is not there.");
        }
    }
}
