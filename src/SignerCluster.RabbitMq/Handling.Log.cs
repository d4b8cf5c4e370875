using Microsoft.Extensions.Logging;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.RabbitMq;

internal sealed partial class Handling
{
    [LoggerMessage(1, LogLevel.Warning, "Dropped a message of {bytes} bytes from {exchange}: it is no request.")]
    private partial void LogNoRequest(string exchange, int bytes);

    [LoggerMessage(2, LogLevel.Warning, "Dropped a request to {entity} and answered nothing: {reason}")]
    private partial void LogUntrusted(EntityId entity, string reason);

    [LoggerMessage(3, LogLevel.Error, "The engine broke while it handled a request to {entity}.")]
    private partial void LogDefect(Exception defect, EntityId entity);

    [LoggerMessage(4, LogLevel.Debug, "The answer of {entity} could not be sent to {asker}: the link to the broker is gone. It will ask again.")]
    private partial void LogUnanswered(EntityId entity, string asker);

    [LoggerMessage(5, LogLevel.Debug, "Dropped requests from {exchange} that waited here until nobody waits for them any more.")]
    private partial void LogTooLate(string exchange);
}
