using System.Runtime.InteropServices;

namespace SignerCluster.Host;

/// <summary>
/// Turns the first Ctrl-C or SIGTERM into a cancellation, so that the work stops cleanly. Another one kills as it always did, unless it comes within a second:
/// who signals a process and then its group, as <c>timeout</c> does, asks once.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private static readonly TimeSpan _echo = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly PosixSignalRegistration[] _registrations;
    private long _first;

    internal StopSignal(TimeProvider time)
    {
        _time = time;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
    }

    internal CancellationToken Token => _stopping.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, static registration => registration.Dispose());
        _stopping.Dispose();
    }

    internal void Stop(PosixSignalContext signal)
    {
        long now = _time.GetTimestamp();
        long first = Interlocked.CompareExchange(ref _first, now, 0);
        signal.Cancel = first == 0 || _time.GetElapsedTime(first, now) < _echo;
        _stopping.Cancel();
    }
}
