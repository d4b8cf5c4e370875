namespace SignerCluster.Trust;

/// <summary>A request to another party got no reply that may be believed.</summary>
public sealed class ExchangeException : Exception
{
    /// <summary>The request itself cannot be trusted. Nothing was done with it, and a transport sends no answer to it at all.</summary>
    public const string UntrustedCode = "untrusted";

    /// <summary>What came back is not a true answer to the request, which may or may not have been handled.</summary>
    public const string ReplyUntrustedCode = "reply_untrusted";

    public ExchangeException()
    {
    }

    public ExchangeException(string message)
        : base(message)
    {
    }

    public ExchangeException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public ExchangeException(string code, string message, bool isTransient, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>
    /// Stable snake_case name of the fault: <c>unroutable</c>, <c>overloaded</c>, <c>answer_timeout</c>, <c>untrusted</c>, <c>reply_untrusted</c>,
    /// <c>message_too_long</c>, <c>signed_too_early</c>; also what a link or another party says.
    /// </summary>
    public string Code { get; } = "entity_failed";

    /// <summary>May the same request succeed later without an operator's help?</summary>
    public bool IsTransient { get; } = true;
}
