namespace SignerCluster.Links;

/// <summary>A link, or the lack of one, kept a request from being answered; or a link could not be set up at all.</summary>
public sealed class LinkException : Exception
{
    /// <summary>No node of the party is connected.</summary>
    public const string NoLink = "no_link";

    /// <summary>Every link of the party has as many requests in flight as it may have.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The link ended before the answer came: whether the request arrived is not known.</summary>
    public const string LinkLost = "link_lost";

    /// <summary>A frame is longer than a link carries. Sending it again does not help.</summary>
    public const string FrameTooLong = "frame_too_long";

    /// <summary>This side is shutting down.</summary>
    public const string LinkStopped = "link_stopped";

    /// <summary>No answer came in time, or the other side let know that none will come.</summary>
    public const string AnswerTimeout = "answer_timeout";

    /// <summary>The certificate, its chain or its key cannot be read or do not belong together.</summary>
    public const string CertificateUnreadable = "certificate_unreadable";

    /// <summary>The address to listen on cannot be had.</summary>
    public const string ListenFailed = "listen_failed";

    public LinkException()
        : this(LinkLost, "The link was lost.", isTransient: true)
    {
    }

    public LinkException(string message)
        : this(LinkLost, message, isTransient: true)
    {
    }

    public LinkException(string message, Exception inner)
        : this(LinkLost, message, isTransient: true, inner)
    {
    }

    public LinkException(string code, string message, bool isTransient, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        IsTransient = isTransient;
    }

    /// <summary>One of the constants of this class.</summary>
    public string Code { get; }

    /// <summary>The same request may succeed later, without anybody changing anything.</summary>
    public bool IsTransient { get; }
}
