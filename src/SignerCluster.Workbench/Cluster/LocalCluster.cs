namespace SignerCluster.Workbench.Cluster;

/// <summary>A cluster of processes on this machine: brings it up, takes it down, looks at it. The folder is held by the caller.</summary>
internal sealed class LocalCluster(ClusterDirectory directory)
{
    /// <summary>
    /// Makes the cluster where there is none, starts what does not run, and returns once every node is ready. Touches no secret of a cluster that is there.
    /// </summary>
    /// <param name="wanted">What a new cluster is to be.</param>
    /// <param name="withNodes">False to start everything but the nodes.</param>
    internal async Task<ClusterDocument> UpAsync(ClusterPlan wanted, bool withNodes, WorkProgress progress, CancellationToken cancellation)
    {
        ClusterDocument document = ClusterDocument.Load(directory) ?? await new Provisioning(directory, wanted).RunAsync(progress, cancellation);
        NodeProcess[] nodes = [.. document.Nodes.Select(static node => new NodeProcess(node))];
        progress.Begin("Starting PostgreSQL");
        await ServersVerb.StartAsync(directory, cancellation);
        if (withNodes)
        {
            Array.ForEach(nodes, static node => node.DemandPort());
            progress.Begin($"Starting {nodes.Length} nodes");
            await Task.WhenAll(nodes.Select(node => node.StartAsync(cancellation)));
        }

        return Refresh(document, [.. nodes.Select(static node => node.Find())]);
    }

    /// <summary>Stops the nodes, all at once, then the server; also what a half-finished start left. Nothing of the cluster runs when this returns.</summary>
    internal async Task<ClusterDocument?> DownAsync(WorkProgress progress, CancellationToken cancellation)
    {
        ClusterDocument? document = ClusterDocument.Load(directory);
        progress.Begin("Stopping the nodes");
        await NodeProcess.StopAllAsync(directory, cancellation);
        progress.Begin("Stopping PostgreSQL");
        await ServersVerb.StopAsync(directory, cancellation);
        return document is null ? null : Refresh(document, [.. document.Nodes.Select(static node => new NodeProcess(node).Find())]);
    }

    /// <summary>The cluster with the present state of its processes; changes nothing. Null when there is none.</summary>
    internal async Task<ClusterDocument?> ProbeAsync(CancellationToken cancellation)
    {
        if (ClusterDocument.Load(directory) is not { } document)
        {
            return null;
        }

        ClusterNode[] nodes = await Task.WhenAll(document.Nodes.Select(node => new NodeProcess(node).ProbeAsync(cancellation)));
        return document with { Servers = Servers(), Nodes = nodes };
    }

    private ClusterServers Servers() => new(new PrivatePostgres(directory).Find()!);

    private ClusterDocument Refresh(ClusterDocument document, IReadOnlyList<ClusterNode> nodes)
    {
        ClusterDocument fresh = document with { Servers = Servers(), Nodes = nodes };
        fresh.Save(directory);
        return fresh;
    }
}
