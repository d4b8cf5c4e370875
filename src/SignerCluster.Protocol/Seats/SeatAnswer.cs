using System.Text.Json.Serialization;

namespace SignerCluster.Protocol.Seats;

/// <summary>What became of one <see cref="SeatRequest"/> at its seat.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record SeatAnswer
{
    private SeatAnswer()
    {
    }

    public sealed record Granted(SeatReply Reply) : SeatAnswer;

    /// <param name="About">The attempt the request was about; null when it was about the session.</param>
    public sealed record Refused(AttemptId? About, Refusal Refusal) : SeatAnswer;

    /// <summary>The seat could not write; nothing happened there and the same request may be tried again.</summary>
    public sealed record Failed(string Code, bool IsTransient) : SeatAnswer;
}
