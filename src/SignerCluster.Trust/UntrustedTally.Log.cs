using Microsoft.Extensions.Logging;

namespace SignerCluster.Trust;

public sealed partial class UntrustedTally
{
    [LoggerMessage(
        1101,
        LogLevel.Warning,
        "{Count} messages were not trusted and nothing was done with them: {Reason}; the last claims to be from {Sender}. What to do: {Advice}.")]
    private partial void LogUntrusted(long count, UntrustedReason reason, string sender, string advice);
}
