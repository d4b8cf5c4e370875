using Grpc.Core;
using SignerCluster.Links.Wire;

namespace SignerCluster.Links;

/// <summary>Takes the parcels of one stream in their order and looks at their shape before anybody else does.</summary>
internal static class Inbox
{
    /// <summary>Hands on every parcel until the stream ends.</summary>
    /// <param name="take">Takes a parcel; the next is read when it is done. A name that it returns ends the link for that reason.</param>
    /// <returns>Why the stream ended: null when the other side completed it.</returns>
    internal static async Task<string?> ReadAsync(
        IAsyncStreamReader<Parcel> stream, LinkLimits limits, Func<Parcel, ValueTask<string?>> take, CancellationToken cancellation)
    {
        while (await stream.MoveNext(cancellation))
        {
            if ((WrongWith(stream.Current, limits) ?? await take(stream.Current)) is { } fault)
                return fault;
        }

        return null;
    }

    // An empty parcel says nothing: whoever sends them only wants to be busy with us.
    private static string? WrongWith(Parcel parcel, LinkLimits limits)
    {
        if (parcel.Numbers.Count != parcel.Payloads.Count || parcel.Numbers.Count + parcel.Unanswered.Count + (parcel.Goodbye ? 1 : 0) == 0)
            return LinkFaults.Malformed;
        foreach (Google.Protobuf.ByteString payload in parcel.Payloads)
        {
            if (payload.Length > limits.MaximumFrameBytes)
                return LinkException.FrameTooLong;
        }

        return null;
    }
}
