using System.Runtime.InteropServices;
using SignerCluster.Conformance;

namespace SignerCluster.Host.Tests;

public sealed class StopSignalTests
{
    [Fact]
    public void The_first_signal_asks_for_a_clean_stop_its_echo_changes_nothing_and_one_a_second_later_kills()
    {
        var time = new ManualTime();
        using var stop = new StopSignal(time);
        Assert.False(stop.Token.IsCancellationRequested);

        Assert.True(IsHandled(stop, PosixSignal.SIGTERM));
        Assert.True(stop.Token.IsCancellationRequested);
        Assert.True(IsHandled(stop, PosixSignal.SIGTERM));
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True(IsHandled(stop, PosixSignal.SIGINT));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(IsHandled(stop, PosixSignal.SIGINT));
    }

    private static bool IsHandled(StopSignal stop, PosixSignal signal)
    {
        PosixSignalContext context = new(signal);
        stop.Stop(context);
        return context.Cancel;
    }
}
