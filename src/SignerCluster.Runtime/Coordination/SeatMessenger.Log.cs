using Microsoft.Extensions.Logging;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime.Coordination;

public sealed partial class SeatMessenger
{
    // Debug while it may be a hiccup, a warning from then on: nothing is retried for ever without saying so.
    [LoggerMessage(EventId = 1001, Message = "Session {Session}: seat {Seat} gives no answer ({Code}); trying again until the session ends.")]
    private partial void LogTryingAgain(LogLevel level, SessionId session, SeatId seat, string code);

    [LoggerMessage(1002, LogLevel.Critical, "Session {Session}: asking seat {Seat} broke; this is a defect.")]
    private partial void LogDefect(Exception cause, SessionId session, SeatId seat);
}
