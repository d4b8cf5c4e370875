using Microsoft.Extensions.Logging;
using SignerCluster.Conformance;

namespace SignerCluster.Trust.Tests;

/// <summary>Whoever sends rubbish is seen, and fills nothing.</summary>
public sealed class UntrustedTallyTests
{
    [Fact]
    public void The_log_has_one_line_for_all_of_a_reason_that_came_in_ten_seconds()
    {
        ManualTime time = new();
        Lines lines = new();
        UntrustedTally tally = new(time, lines);
        for (int message = 0; message < 1000; message++)
        {
            tally.Note(new(UntrustedReason.BadSignature, TestParties.Alice));
        }

        tally.Note(new(UntrustedReason.Malformed, null));
        Assert.Equal(2, lines.All.Count);
        Assert.StartsWith("1 messages were not trusted", lines.All[0], StringComparison.Ordinal);
        Assert.Contains("from alice", lines.All[0], StringComparison.Ordinal);

        time.Advance(TimeSpan.FromSeconds(10));
        tally.Note(new(UntrustedReason.BadSignature, TestParties.Alice));
        Assert.StartsWith("1000 messages were not trusted", lines.All[2], StringComparison.Ordinal);
        Assert.Equal((1001, 1), (tally.Counts[UntrustedReason.BadSignature], tally.Counts[UntrustedReason.Malformed]));
    }

    [Fact]
    public void Every_reason_comes_with_what_to_do() => Assert.All(Untrusted.Reasons, static reason => Assert.NotEmpty(Untrusted.Advice(reason)));

    private sealed class Lines : ILogger<UntrustedTally>
    {
        internal List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
