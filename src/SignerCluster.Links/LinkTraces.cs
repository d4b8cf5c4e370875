using System.Diagnostics;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>
/// Carries the asker's span over a link beside the request, never in it, so that both ends work under one trace id. Nobody signs it: it tells where a span is
/// shown, and nothing else depends on it. While nobody listens nothing is carried or read.
/// </summary>
internal static class LinkTraces
{
    // A W3C traceparent of version 00.
    internal const int Length = 55;
    private static readonly ActivitySource _source = new("SignerCluster.Links");

    /// <summary>What goes with a request that is asked now; null when nobody records.</summary>
    internal static string? Current => Activity.Current is { Recorded: true, Id: { Length: Length } id } ? id : null;

    /// <summary>What came with a request; null for nothing, for nonsense, and while nobody listens.</summary>
    internal static ActivityContext? Of(Parcel parcel, int index) =>
        index < parcel.Traces.Count && parcel.Traces[index].Length == Length && _source.HasListeners()
        && ActivityContext.TryParse(parcel.Traces[index].ToStringUtf8(), null, isRemote: true, out ActivityContext asker)
            ? asker
            : null;

    internal static Activity? StartAnswer(ActivityContext? asker) =>
        asker is { } parent ? _source.StartActivity("answer link", ActivityKind.Server, parent) : null;
}
