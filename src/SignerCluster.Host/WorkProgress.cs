using System.Diagnostics;
using System.Globalization;

namespace SignerCluster.Host;

/// <summary>How far long work has come: which step, how many rows, how many a second. Reported from one thread at a time.</summary>
public sealed class WorkProgress(string what) : IProgress<long>
{
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch _watch = new();
    private string _what = what;
    private TimeSpan _last;
    private Action<string>? _show;

    /// <summary>Where the text goes; set once somebody looks.</summary>
    internal Action<string>? Show
    {
        set => Volatile.Write(ref _show, value);
    }

    /// <summary>Does somebody look? Else nobody misses what is not reported.</summary>
    internal bool IsShown => Volatile.Read(ref _show) is not null;

    /// <summary>Begins the next step, whose rows count from 0.</summary>
    public void Begin(string what)
    {
        _what = what;
        _watch.Restart();
        _last = TimeSpan.Zero;
        Volatile.Read(ref _show)?.Invoke($"{what}…");
    }

    /// <summary>So many rows of the step are done.</summary>
    public void Report(long value)
    {
        TimeSpan elapsed = _watch.Elapsed;
        if (Volatile.Read(ref _show) is { } show && elapsed - _last >= _between)
        {
            _last = elapsed;
            show(string.Create(CultureInfo.InvariantCulture, $"{_what}: {value:N0} rows, {value / elapsed.TotalSeconds:N0} rows/s"));
        }
    }
}
