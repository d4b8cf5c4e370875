using System.Diagnostics;
using SignerCluster.Actors.Messages;

namespace SignerCluster.Actors;

/// <summary>
/// The spans of a request on its way to seats and back, under one trace id. Actors hand nothing on by themselves, so messages carry the span that they were
/// sent in, as a W3C <c>traceparent</c>. Nothing is made or carried while nobody listens, and what is carried is believed by nobody: nonsense is no span.
/// </summary>
public static class Traces
{
    private static readonly ActivitySource _source = new("SignerCluster.Actors");

    /// <summary>What a message that is sent now carries; null when nobody records.</summary>
    public static string? Current => Activity.Current is { Recorded: true, Id: { } id } ? id : null;

    /// <summary>A caller's request, below the span of the caller's own that it may name; null when nobody listens.</summary>
    public static Activity? StartRequest(string name, string? traceparent)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // The server makes one of its own, which nobody records.
        Activity.Current = null;
        _ = ActivityContext.TryParse(traceparent, null, isRemote: true, out ActivityContext parent);
        return _source.StartActivity(name, ActivityKind.Server, parent);
    }

    /// <summary>The current span from here on: one below what a message carries, or none.</summary>
    public static Activity? Start(string name, string? carried)
    {
        // The thread may carry the trace of the message before.
        Activity.Current = null;
        return carried is not null && _source.HasListeners() && ActivityContext.TryParse(carried, null, isRemote: true, out ActivityContext parent)
            ? _source.StartActivity(name, ActivityKind.Internal, parent)
            : null;
    }

    /// <summary>A span from the message that an entity decides on to its answer. It is not current, because its end comes with another message.</summary>
    internal static Activity? StartDecision(string kind, object message)
    {
        // A session that had to ask its guardian decides on the message that waited for it.
        object asked = message is Guardians.Judged judged ? judged.Message : message;
        if (asked is not ITracedMessage { Trace: { } carried } || !_source.HasListeners())
        {
            return null;
        }

        Activity? span = Start($"decide {kind}", carried);
        Activity.Current = null;
        return span;
    }
}
