namespace SignerCluster.Links;

/// <summary>One link to a node of a party, chosen for a request.</summary>
public sealed class LinkRoute
{
    private readonly AcceptedLink _link;
    private readonly LinkLimits _limits;

    internal LinkRoute(AcceptedLink link, LinkLimits limits) => (_link, _limits) = (link, limits);

    /// <summary>The participant's node, as that node calls itself.</summary>
    public string Node => _link.State.Node;

    /// <summary>
    /// Sends a request and returns its answer. A request that failed is never sent again by itself: it may have arrived. An asker that leaves early does not
    /// take its request back: its place in the window stays taken.
    /// </summary>
    /// <param name="request">Not copied: it must never change afterwards, not even when the asker left.</param>
    /// <param name="cancellation">Stops the wait, not the request.</param>
    /// <exception cref="LinkException">
    /// <c>overloaded</c> (at once, without a wait), <c>link_lost</c>, <c>frame_too_long</c>, <c>link_stopped</c>, or <c>answer_timeout</c> when no answer came
    /// within <see cref="LinkLimits.AnswerTimeout"/>, or as soon as the other side let know that none will come.
    /// </exception>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (request.Length > _limits.MaximumFrameBytes)
        {
            string message = $"A request of {request.Length} bytes is longer than the {_limits.MaximumFrameBytes} that a link carries.";
            throw new LinkException(LinkException.FrameTooLong, message, isTransient: false);
        }

        return await (_link.TryAsk(request) ?? throw Refused()).Task.WaitAsync(cancellation);
    }

    private LinkException Refused() => _link.TakesRequests
        ? new LinkException(LinkException.Overloaded, $"The link to {Node} has as many requests in flight as it may have.", isTransient: true)
        : new LinkException(LinkException.LinkLost, $"The link to {Node} ended before the request was sent.", isTransient: true);
}
