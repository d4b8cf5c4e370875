namespace SignerCluster.Protocol.Wire;

/// <summary>A stored event cannot be understood: its name is unknown, or its bytes do not decode. The history behind it must not be used.</summary>
public sealed class UnreadableEventException : Exception
{
    public UnreadableEventException()
    {
    }

    public UnreadableEventException(string message)
        : base(message)
    {
    }

    public UnreadableEventException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
