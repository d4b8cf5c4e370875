using Microsoft.Extensions.Logging;

namespace SignerCluster.Journal.Postgres;

public sealed partial class ClosedEntities
{
    [LoggerMessage(1, LogLevel.Warning, "The database {Address} is not listened to any more and is tried again every second: {Reason}")]
    private partial void LogLost(string address, string reason);

    [LoggerMessage(2, LogLevel.Information, "The database {Address} is listened to again; what was closed meanwhile was not told of.")]
    private partial void LogListensAgain(string address);
}
