using System.Runtime.InteropServices;

namespace SignerCluster.Host;

/// <summary>Turns the first Ctrl-C or SIGTERM into a cancellation, so that the work stops cleanly. The second one kills as it always did.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixSignalRegistration[] _registrations;

    internal StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    ];

    internal CancellationToken Token => _stopping.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, static registration => registration.Dispose());
        _stopping.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !_stopping.IsCancellationRequested;
        _stopping.Cancel();
    }
}
