using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime;

/// <summary>A coordinated session as anyone may see it: nothing in it is secret.</summary>
/// <param name="State"><c>running</c>, <c>completed</c> or <c>failed</c>.</param>
/// <param name="OutputKey">Null until the session completed.</param>
/// <param name="Failure">Why it failed; null otherwise.</param>
public sealed record SessionView(
    SessionId Session,
    GroupId Group,
    string State,
    Bytes32 Message,
    XOnlyPublicKey? OutputKey,
    Bytes64? Signature,
    IReadOnlyList<AttemptView> Attempts,
    IReadOnlyList<CulpritView> Culprits,
    IReadOnlyList<DeclinedView> Declined,
    Refusal? Failure);

/// <summary>One attempt of the transcript.</summary>
/// <param name="Reason">Why it was proposed (<see cref="AdvanceReason"/> in snake_case).</param>
/// <param name="State"><c>collecting</c> commitments, <c>live</c>, <c>dead</c> (a signer dropped out), <c>aggregated</c>, or <c>unfinished</c> when the session ended without it;
/// <c>superseded</c> when it never got its signers.</param>
/// <param name="Signers">The t seats of its package; empty while it has none.</param>
/// <param name="Shares">The seats whose shares were accepted.</param>
public sealed record AttemptView(int Number, AttemptId Id, string Reason, string State, SeatSet Included, SeatSet Signers, SeatSet Shares);

/// <summary>A seat proved to have sent a bad share, with the evidence that anyone can verify.</summary>
public sealed record CulpritView(SeatId Seat, BlameCertificate Certificate);

/// <summary>A seat that will not sign the session, without blame.</summary>
public sealed record DeclinedView(SeatId Seat, string Code);
