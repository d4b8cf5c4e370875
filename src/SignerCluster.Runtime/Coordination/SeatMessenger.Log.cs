using Microsoft.Extensions.Logging;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

public sealed partial class SeatMessenger
{
    [LoggerMessage(1001, LogLevel.Debug, "Session {Session}: seat {Seat} did not answer ({Code}); trying again.")]
    private partial void LogUnreachable(SessionId session, SeatId seat, string code);

    [LoggerMessage(1002, LogLevel.Warning, "Session {Session}: seat {Seat} still does not answer; trying until the session ends.")]
    private partial void LogStillTrying(SessionId session, SeatId seat);

    [LoggerMessage(1003, LogLevel.Warning, "Session {Session}: seat {Seat} answered something that is not an answer: {Problem}")]
    private partial void LogMalformed(SessionId session, SeatId seat, string problem);
}
