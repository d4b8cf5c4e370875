using SignerCluster.Frost;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>
/// One attempt as all sides must see it: its number, the seats it may draw its signers from, and the id that binds these to the session,
/// the group, the message and the tweaks.
/// </summary>
/// <param name="Number">Counts from 1 inside a session.</param>
/// <param name="Included">At least t seats; exactly t of them will sign.</param>
public sealed record AttemptContext(int Number, SeatSet Included, AttemptId Id)
{
    private static readonly TaggedHash _domain = new("SignerCluster/attempt/v1");

    /// <summary>Derives the context whose id is right for these fields.</summary>
    public static AttemptContext Derive(SessionId session, SigningRequest request, int number, SeatSet included)
    {
        FramedHash hash = new FramedHash(_domain).Add(session.ToString()).Add(request.Group.X).Add(request.Message).Add(request.Tweaks);

        hash.Add(number).Add(included.Count);
        foreach (SeatId seat in included)
        {
            hash.Add(seat.Value);
        }

        return new AttemptContext(number, included, new AttemptId(hash.Finish()));
    }

    /// <summary>Does the id fit the fields (A2)?</summary>
    public bool IsCanonical(SessionId session, SigningRequest request) => Derive(session, request, Number, Included).Id == Id;
}
