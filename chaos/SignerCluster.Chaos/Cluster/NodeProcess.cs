using System.Diagnostics;
using System.Net;

namespace SignerCluster.Chaos.Cluster;

/// <summary>One node of the cluster as a process that can be started, killed, stopped and started again.</summary>
internal sealed class NodeProcess(ClusterNode node, Product product, HttpClient http, Action<string> tell) : IAsyncDisposable
{
    // The shell becomes the node, so that the process is the node's own, and it writes its log itself: it outlives a runner that is killed.
    private const string Exec = "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null";
    private const string Anew = "took this one for dead. It starts anew.";
    // Under libfaketime a node takes ten seconds of a processor to start, and five nodes start at once.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    // Requests, leaving and actors may take 10, 10 and 5 s (both stop-graces and what the product adds), and the machine may be slow.
    private static readonly TimeSpan _stopping = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(50);
    private readonly SemaphoreSlim _turn = new(1);
    private Process? _process;
    private readonly List<Process> _ended = [];
    private volatile bool _wasReady;
    private volatile bool _wasKilled;
    private int _anewBefore;

    internal string Name => node.Name;

    internal ClusterNode Node => node;

    /// <summary>What is added to, or put over, the environment that the cluster's file says.</summary>
    internal Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>The program to run instead of the product's; null for the product's.</summary>
    internal string? Binary { get; set; }

    /// <summary>Should it run? A node that gives up by itself, as one that finds no database when it starts, is started again, as a supervisor would.</summary>
    internal bool IsWanted { get; private set; }

    /// <summary>How often it gave up by itself and was started again.</summary>
    internal int Respawns { get; private set; }

    internal bool IsRunning => _process is { HasExited: false };

    /// <summary>The exit codes after each SIGTERM to a node that had been ready; -1 where it had to be killed.</summary>
    internal List<int> ExitCodes { get; } = [];

    /// <summary>What its log said last when it did not end after SIGTERM; null when it always did.</summary>
    internal string? EndOfStuck { get; private set; }

    /// <summary>How often, since the run began, it found that its party's other nodes had taken it for dead.</summary>
    internal int TakenForDead => CountAnew() - _anewBefore;

    /// <summary>Counts what runs count from here on.</summary>
    internal void BeginRun()
    {
        ExitCodes.Clear();
        EndOfStuck = null;
        _anewBefore = CountAnew();
    }

    internal async Task StartAsync()
    {
        await _turn.WaitAsync();
        try
        {
            IsWanted = true;
            if (IsRunning)
            {
                return;
            }

            if (_process is { } ended)
            {
                // Others may be looking at it this moment.
                _ended.Add(ended);
            }

            (_wasReady, _wasKilled) = (false, false);
            ProcessStartInfo start = new("/bin/sh", ["-c", Exec, "sh", node.Log, "dotnet", Binary ?? product.Program, "node", "--config", node.Config])
            {
                UseShellExecute = false,
                WorkingDirectory = product.Root,
            };
            foreach ((string name, string value) in node.Environment.Concat(Environment))
            {
                start.Environment[name] = value;
            }

            _process = Process.Start(start)!;
            tell($"{Name} started");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Returns when the node says that it is ready. Throws <see cref="CannotRunException"/> when it takes too long.</summary>
    internal async Task WhenReadyAsync(CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!await IsReadyAsync(cancellation))
        {
            if (watch.Elapsed > _patience)
            {
                throw new CannotRunException(
                    $"{Name} {(IsRunning ? "is not ready" : "does not stay up")} after {_patience.TotalSeconds:0} s. Its log is "
                    + $"{node.Log}; its end: {EndOfLog()}");
            }

            if (!IsRunning && IsWanted)
            {
                Respawns++;
                await StartAsync();
            }

            await Task.Delay(_between, cancellation);
        }
    }

    /// <summary>SIGKILL, and waits until the process is gone.</summary>
    internal async Task KillAsync()
    {
        IsWanted = false;
        if (_process is { HasExited: false } running)
        {
            _wasKilled = true;
            running.Kill();
            await running.WaitForExitAsync(CancellationToken.None);
            tell($"{Name} killed");
        }
    }

    /// <summary>SIGTERM, and waits for the end; kills and reports -1 as its exit code when it does not end by itself.</summary>
    internal async Task TerminateAsync()
    {
        IsWanted = false;
        if (_process is not { HasExited: false } running)
        {
            return;
        }

        await Signals.SendAsync(Signals.Continue, running.Id);
        await Signals.SendAsync(Signals.Terminate, running.Id);
        using CancellationTokenSource deadline = new(_stopping);
        try
        {
            await running.WaitForExitAsync(deadline.Token);
            tell($"{Name} ended with exit code {running.ExitCode}");
            if (_wasReady && !_wasKilled)
            {
                ExitCodes.Add(running.ExitCode);
            }
        }
        catch (OperationCanceledException)
        {
            EndOfStuck = EndOfLog();
            running.Kill();
            await running.WaitForExitAsync(CancellationToken.None);
            ExitCodes.Add(-1);
            tell($"{Name} did not end in {_stopping.TotalSeconds:0} s and was killed");
        }
    }

    internal async Task SignalAsync(string signal)
    {
        if (_process is { HasExited: false } running && await Signals.SendAsync(signal, running.Id))
        {
            tell($"{Name} got SIG{signal}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _ended.ForEach(static ended => ended.Dispose());
        _process?.Dispose();
        _turn.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri($"{node.Url}/readyz"), cancellation);
            return _wasReady = response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception down) when (down is HttpRequestException || (down is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private int CountAnew() =>
        File.Exists(node.Log) ? File.ReadLines(node.Log).Count(static line => line.Contains(Anew, StringComparison.Ordinal)) : 0;

    private string EndOfLog()
    {
        try
        {
            return string.Join(" | ", File.ReadLines(node.Log).TakeLast(5));
        }
        catch (IOException)
        {
            return "not there";
        }
    }
}
