using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Load;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>
/// One byte of a guardian's history is another in its party's database (G8). Its party must say so, and never that the group has no guardian; the others go on
/// without it, unless it is the coordinator's.
/// </summary>
internal sealed class RecordFaults(Deployment deployment, SigningLoad load)
{
    private const string Quarantined = "entity_quarantined";

    // A session's answer where it is the guardian of its group that cannot be read.
    private const string GuardianQuarantined = "guardian_quarantined";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(100);
    private readonly Psql _psql = new(deployment.Document.Servers.Postgres);

    /// <summary>
    /// Flips the byte, and kills the party's nodes, because a guardian in memory has read its history already. What follows puts the byte right. Throws
    /// <see cref="CannotRunException"/> where the party, or anyone else, does not do what it must.
    /// </summary>
    internal async Task<Func<Task>?> CorruptAsync(string name, Arguments with, CancellationToken over)
    {
        ClusterNode node = deployment.Node(name).Node;
        string row = await FlipAsync(node, "(SELECT (max(sequence_number) + 1) / 2 FROM signer.journal WHERE persistence_id LIKE 'guard/%')");
        NodeProcess[] party = [.. deployment.Nodes.Where(one => one.Node.Party == node.Party)];
        await Task.WhenAll(party.Select(static one => one.KillAsync()));
        await Task.WhenAll(party.Select(static one => one.StartAsync()));
        return async () =>
        {
            try
            {
                await CheckBrokenAsync(party, node.IsCoordinator, with.Duration("for"), over);
            }
            finally
            {
                await FlipAsync(node, row);
            }

            foreach (NodeProcess one in party)
            {
                await WhenAsync(one, static (status, guardian) => status == HttpStatusCode.OK && guardian.GetProperty("guardians")[0].TryGetProperty("rules", out _));
            }
        };
    }

    private async Task CheckBrokenAsync(NodeProcess[] party, bool isCoordinator, TimeSpan duration, CancellationToken over)
    {
        foreach (NodeProcess one in party)
        {
            await one.WhenReadyAsync(CancellationToken.None);
            await WhenAsync(one, static (status, problem) => status == HttpStatusCode.ServiceUnavailable && CodeOf(problem) == Quarantined);
        }

        if (isCoordinator)
        {
            await CheckPlainAsync(party[0]);
        }

        int before = load.Finished;
        await Faults.WhileAsync(duration, over);
        int signed = load.Finished - before;
        if (isCoordinator ? signed > 0 : signed == 0 && !over.IsCancellationRequested)
        {
            throw new CannotRunException($"{signed} were signed while the record of {party[0].Node.Party} was broken.");
        }
    }

    /// <summary>A plain session is what a group without a guardian would sign.</summary>
    private async Task CheckPlainAsync(NodeProcess node)
    {
        using HttpResponseMessage response = await deployment.Http.PostAsJsonAsync(
            new Uri($"{node.Node.Url}/v1/groups/{deployment.Document.Group}/sessions"),
            new { sessionId = $"plain-{Guid.NewGuid():n}", message = new string('7', 64) },
            CancellationToken.None);
        JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None);
        if (CodeOf(body) != GuardianQuarantined)
        {
            throw new CannotRunException($"{node.Name} answered a plain session under a broken guardian with {(int)response.StatusCode}: {body.GetRawText()}");
        }
    }

    /// <summary>Waits until the node says of its guardian what it must. That the group has none is wrong at any time.</summary>
    private async Task WhenAsync(NodeProcess node, Func<HttpStatusCode, JsonElement, bool> isRight)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); ; await Task.Delay(_between))
        {
            (HttpStatusCode status, JsonElement told) = await AskAsync(node);
            if (isRight(status, told))
            {
                return;
            }

            bool hasNone = CodeOf(told) == "guardian_missing"
                || (status == HttpStatusCode.OK && !told.GetProperty("guardians")[0].TryGetProperty("rules", out _));
            if (hasNone || watch.Elapsed > _patience)
            {
                throw new CannotRunException($"{node.Name} said of its guardian: {(int)status} {told}");
            }
        }
    }

    private async Task<(HttpStatusCode Status, JsonElement Told)> AskAsync(NodeProcess node)
    {
        try
        {
            using HttpResponseMessage response = await deployment.Http.GetAsync(
                new Uri($"{node.Node.Url}/v1/groups/{deployment.Document.Group}/guardian"), CancellationToken.None);
            return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None));
        }
        catch (Exception down) when (down is HttpRequestException or IOException)
        {
            return (default, default);
        }
    }

    private static string? CodeOf(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("code", out JsonElement code) ? code.GetString() : null;

    /// <summary>Changes one bit of a row, or changes it back. Returns the row's number.</summary>
    private async Task<string> FlipAsync(ClusterNode node, string row)
    {
        string flipped = await _psql.RunAsync(
            node.Environment["SIGNER_DATABASE_NAME"],
            "UPDATE signer.journal SET message = set_byte(message, length(message) / 2, get_byte(message, length(message) / 2) # 1) "
                + $"WHERE persistence_id LIKE 'guard/%' AND sequence_number = {row} RETURNING sequence_number");
        return flipped.Length > 0 ? flipped : throw new CannotRunException($"The guardian of {node.Party} has no row {row}.");
    }
}
