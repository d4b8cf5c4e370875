namespace SignerCluster.RabbitMq;

/// <summary>The type of a message, as the property <c>type</c> says it on the wire.</summary>
internal static class MessageType
{
    public const string Ask = "ask";
    public const string Reply = "reply";
    public const string Fault = "fault";
}

/// <summary>A message that waits for its turn to be published.</summary>
/// <param name="Ask">Who waits for its reply; null for a reply.</param>
internal readonly record struct Outgoing(string Type, string Exchange, string RoutingKey, string Correlation, ReadOnlyMemory<byte> Body, PendingAsk? Ask);
