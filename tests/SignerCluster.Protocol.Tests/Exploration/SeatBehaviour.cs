using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>How a simulated seat treats the protocol.</summary>
internal enum SeatBehaviour
{
    Honest,

    /// <summary>Never answers.</summary>
    Silent,

    /// <summary>Commits, and then withholds every share.</summary>
    Withholding,

    /// <summary>Commits, and then sends bad shares.</summary>
    Lying,

    /// <summary>Commits, and then says for ever that its nonce is lost.</summary>
    Withdrawing,

    /// <summary>Says for ever that it cannot commit.</summary>
    Uncommitted,

    /// <summary>Declines the session.</summary>
    Declining,

    /// <summary>Commits to bytes that are no points.</summary>
    Malformed,
}

internal static class SeatBehaviours
{
    private static readonly Refusal _lost = Refusal.Recoverable("nonce_lost", "made up");

    /// <summary>What the seat says to requests that an honest one would have answered so; null when it says nothing.</summary>
    internal static IReadOnlyList<SeatAnswer>? Distort(this SeatBehaviour behaviour, IReadOnlyList<SeatRequest> requests, IReadOnlyList<SeatAnswer> honest) =>
        behaviour switch
        {
            SeatBehaviour.Honest => honest,
            SeatBehaviour.Silent => null,
            SeatBehaviour.Withholding => requests.Any(static request => request is SeatRequest.SignShare) ? null : honest,
            SeatBehaviour.Lying => [.. honest.Select(Lie)],
            SeatBehaviour.Withdrawing => [.. requests.Zip(honest, static (request, answer) => request is SeatRequest.SignShare ? Refuse(request) : answer)],
            SeatBehaviour.Uncommitted => [.. requests.Zip(honest, static (request, answer) => request is SeatRequest.Commit ? Refuse(request) : answer)],
            SeatBehaviour.Declining =>
                [.. requests.Select(static request => new SeatAnswer.Refused(request.About, Refusal.Terminal("group_retired", "made up")))],
            SeatBehaviour.Malformed =>
                [.. honest.Select(static answer =>
                    Joined(answer) is { } joined ? new SeatAnswer.Granted(joined with { Commitment = default(Commitment) }) : answer)],
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static SeatReply.Joined? Joined(SeatAnswer answer) => (answer as SeatAnswer.Granted)?.Reply as SeatReply.Joined;

    private static SeatAnswer.Refused Refuse(SeatRequest request) => new(request.About, _lost);

    private static SeatAnswer Lie(SeatAnswer answer) => answer is SeatAnswer.Granted { Reply: SeatReply.Signed signed }
        ? new SeatAnswer.Granted(signed with { Share = new Share(Party.Hash($"a lie about {signed.Share}")) })
        : answer;
}
