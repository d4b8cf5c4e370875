using Microsoft.Extensions.Logging;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Runtime.Coordination;

public sealed partial class Sweep
{
    [LoggerMessage(EventId = 1101, Message = "Open entities of the kind {Kind} cannot be listed ({Code}); looking again.")]
    private partial void LogUnreadable(LogLevel level, string kind, string code);

    [LoggerMessage(1102, LogLevel.Debug, "{Entity} could not be woken ({Code}); trying again.")]
    private partial void LogNotWoken(EntityId entity, string code);
}
