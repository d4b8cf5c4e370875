namespace SignerCluster.RabbitMq;

/// <summary>What a letter is, as it stands on the wire.</summary>
internal enum LetterKind : byte
{
    Ask = 1,
    Reply = 2,
    Fault = 3,
}

/// <summary>One ask, or the answer to one.</summary>
/// <param name="Correlation">The same in an ask and its answer; the asker's choice.</param>
/// <param name="Entity">The entity that is asked; empty in an answer.</param>
internal readonly record struct Letter(LetterKind Kind, ulong Correlation, string Entity, ReadOnlyMemory<byte> Body);

/// <summary>A letter that waits for its turn to be published.</summary>
/// <param name="Ask">Who waits for its reply; null for an answer.</param>
internal readonly record struct Outgoing(string Exchange, string RoutingKey, in Letter Letter, PendingAsk? Ask);
