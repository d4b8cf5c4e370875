using System.Net.Http.Json;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Load;
using SignerCluster.Chaos.Proxy;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>Carries out the words of steps. What lasts for a while, or follows later, is returned as the work that is still to be done.</summary>
internal sealed class Faults(Deployment deployment, SigningLoad load, Deeds deeds)
{
    private readonly DatabaseFaults _database = new(deployment);
    private readonly LinkFaults _links = new(deployment);
    private readonly RecordFaults _records = new(deployment, load);
    private readonly JobFaults _jobs = new(deployment, load);

    /// <summary>Does a step. Returns what is to follow; null for nothing.</summary>
    /// <param name="over">The load has ended: what lasts is cut short, and undone all the same.</param>
    internal Task<Func<Task>?> DoAsync(Step step, IReadOnlyList<string> nodes, CancellationToken over)
    {
        Arguments with = step.Arguments;
        return step.Word switch
        {
            Words.Kill => KillAsync(nodes, with, over),
            Words.Stop => StopAsync(nodes, with, over),
            Words.Continue => AllAsync(nodes, static node => node.SignalAsync(Signals.Continue)),
            Words.Terminate => TerminateAsync(nodes, with, over),
            Words.Start => AllAsync(nodes, static node => node.StartAsync()),
            Words.RollingRestart => Following(() => RollAsync(nodes, with, over)),
            Words.Partition => PartitionAsync(nodes, with, over),
            Words.Slow => SlowAsync(nodes, with, over),
            Words.Cut => CutAsync(nodes, with),
            Words.RestartServer => RestartServerAsync(with, over),
            Words.RotateKeys => Following(() => RotateAsync(nodes, with, over)),
            Words.HideKey => HideKeyAsync(nodes, with, over),
            Words.Clock => ClockAsync(nodes, with, over),
            Words.FillDisk => _database.FillAsync(with.Duration("for"), over),
            Words.DatabaseSetting => _database.SetAsync(with.Object("set"), with.Duration("for"), over),
            Words.CorruptRecord => _records.CorruptAsync(nodes[0], with, over),
            Words.CorruptJob => _jobs.CorruptAsync(with.Duration("for"), over),
            Words.TakeRegistry => _jobs.TakeRegistryAsync(with.Duration("for"), over),
            Words.Record => _links.Record(),
            Words.Replay => _links.ReplayAsync(with.Count("times", 1), with.Flag("alter")),
            Words.Tamper => _links.Tamper(with, over),
            _ => throw new System.Diagnostics.UnreachableException(step.Word),
        };
    }

    /// <summary>Waits, or less long when the load ends.</summary>
    internal static Task WhileAsync(TimeSpan duration, CancellationToken over) => Task.WhenAny(Task.Delay(duration, over));

    private static Task<Func<Task>?> Following(Func<Task> following) => Task.FromResult<Func<Task>?>(following);

    private IEnumerable<NodeProcess> Each(IReadOnlyList<string> nodes) => nodes.Select(deployment.Node);

    private async Task<Func<Task>?> AllAsync(IReadOnlyList<string> nodes, Func<NodeProcess, Task> act)
    {
        await Task.WhenAll(Each(nodes).Select(act));
        return null;
    }

    private async Task<Func<Task>?> KillAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        deeds.NoteKill();
        await Task.WhenAll(Each(nodes).Select(static node => node.KillAsync()));
        return StartLater(nodes, with, over);
    }

    private async Task<Func<Task>?> TerminateAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        await Task.WhenAll(Each(nodes).Select(static node => node.TerminateAsync()));
        return StartLater(nodes, with, over);
    }

    private Func<Task>? StartLater(IReadOnlyList<string> nodes, Arguments with, CancellationToken over) =>
        with.MaybeDuration("restart-after") is not { } after ? null : async () =>
        {
            await WhileAsync(after, over);
            await Task.WhenAll(Each(nodes).Select(static node => node.StartAsync()));
        };

    private async Task<Func<Task>?> StopAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        await AllAsync(nodes, static node => node.SignalAsync(Signals.Stop));
        return with.MaybeDuration("for") is not { } duration ? null : async () =>
        {
            await WhileAsync(duration, over);
            await AllAsync(nodes, static node => node.SignalAsync(Signals.Continue));
        };
    }

    private async Task RollAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        bool kills = with.Has("how") && with.Text("how") == "kill";
        for (int round = 0; round == 0 || (round < with.Count("times", 1) && !over.IsCancellationRequested); round++)
        {
            foreach (NodeProcess node in Each(nodes))
            {
                await (kills ? node.KillAsync() : node.TerminateAsync());
                await node.StartAsync();
                await node.WhenReadyAsync(CancellationToken.None);
                await Task.Delay(with.Duration("pause", TimeSpan.Zero), CancellationToken.None);
            }
        }
    }

    private Task<Func<Task>?> PartitionAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        string direction = with.Text("direction");
        ProxyRules[] rules =
        [
            .. Proxies(nodes, with).SelectMany(proxy => direction switch
            {
                "to-server" => (ProxyRules[])[proxy.ToServer],
                "from-server" => [proxy.ToClient],
                "both" => [proxy.ToServer, proxy.ToClient],
                _ => throw new UsageException($"{with.Place}.direction: {direction} is none of to-server, from-server and both."),
            }),
        ];
        Array.ForEach(rules, static one => one.Block());
        return Following(async () =>
        {
            await WhileAsync(with.Duration("for"), over);
            Array.ForEach(rules, static one => one.Unblock());
        });
    }

    private Task<Func<Task>?> SlowAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        ProxyRules[] rules = [.. Proxies(nodes, with).SelectMany(static proxy => (ProxyRules[])[proxy.ToServer, proxy.ToClient])];
        foreach (ProxyRules one in rules)
        {
            one.Delay = with.Duration("delay", TimeSpan.Zero);
            one.BytesPerSecond = (long)with.Number("bytes-per-second", 0);
        }

        return Following(async () =>
        {
            await WhileAsync(with.Duration("for"), over);
            Array.ForEach(rules, static one => one.Clear());
        });
    }

    private Task<Func<Task>?> CutAsync(IReadOnlyList<string> nodes, Arguments with)
    {
        foreach (TcpProxy proxy in Proxies(nodes, with))
        {
            proxy.Cut();
        }

        return Task.FromResult<Func<Task>?>(null);
    }

    private async Task<Func<Task>?> RestartServerAsync(Arguments with, CancellationToken over)
    {
        string server = with.Text("server");
        if (with.Text("how") == "kill")
        {
            int pid = deployment.ServerPid() ?? throw new CannotRunException($"cluster.json does not say the pid of {server}.");
            await Signals.SendAsync(Signals.Kill, pid);
        }
        else
        {
            await deployment.SetServerAsync(server, up: false);
        }

        return async () =>
        {
            await WhileAsync(with.Duration("for"), over);
            await deployment.SetServerAsync(server, up: true);
        };
    }

    private async Task RotateAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        for (int i = 0; i < with.Count("times", 1) && !over.IsCancellationRequested; i++)
        {
            foreach (NodeProcess node in Each(nodes))
            {
                using HttpResponseMessage response = await deployment.Http.PostAsJsonAsync(
                    new Uri($"{node.Node.Url}/v1/keys/rotation"), new { }, CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    throw new CannotRunException(
                        $"{node.Name} refused a rotation: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(CancellationToken.None)}");
                }
            }

            await WhileAsync(with.Duration("pause", TimeSpan.FromMilliseconds(200)), over);
        }
    }

    private Task<Func<Task>?> HideKeyAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        string[] files = [.. Each(nodes).Select(static node => Path.Combine(node.Node.Environment["SIGNER_SECRETS"], "key-encryption.key"))
            .Distinct(StringComparer.Ordinal)];
        Array.ForEach(files, static file => File.Move(file, $"{file}.hidden"));
        return Following(async () =>
        {
            await WhileAsync(with.Duration("for"), over);
            Array.ForEach(files, static file => File.Move($"{file}.hidden", file));
        });
    }

    private async Task<Func<Task>?> ClockAsync(IReadOnlyList<string> nodes, Arguments with, CancellationToken over)
    {
        foreach (NodeProcess node in Each(nodes))
        {
            await FakeClock.SetAsync(node, with.Duration("offset"));
        }

        return with.MaybeDuration("for") is not { } duration ? null : async () =>
        {
            await WhileAsync(duration, over);
            foreach (NodeProcess node in Each(nodes))
            {
                await FakeClock.SetAsync(node, TimeSpan.Zero);
            }
        };
    }

    private IEnumerable<TcpProxy> Proxies(IReadOnlyList<string> nodes, Arguments with) =>
        nodes.SelectMany(node => deployment.Proxies(node, with.Text("server")));
}
