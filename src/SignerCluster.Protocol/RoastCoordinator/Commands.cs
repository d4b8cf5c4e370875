using System.Text.Json.Serialization;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>Commands of the ROAST coordinator. Wire messages and commands alike; facts of the moment travel beside them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Sign), "sign")]
[JsonDerivedType(typeof(Withdraw), "withdraw")]
[JsonDerivedType(typeof(Show), "show")]
[JsonDerivedType(typeof(SeatAnswered), "seat_answered")]
[JsonDerivedType(typeof(Abort), "abort")]
public abstract record CoordinatorCommand
{
    private CoordinatorCommand()
    {
    }

    /// <summary>A client asks for a signature. The same id and payload again is the same session.</summary>
    public sealed record Sign(SigningRequest Request) : CoordinatorCommand;

    /// <summary>As <see cref="Sign"/>, of a group under a guardian: the guardian accepts and pays for it first, under the session's id.</summary>
    /// <param name="Timestamp">Unix seconds; null for the guardian's own time.</param>
    public sealed record Withdraw(SigningRequest Request, ulong? Timestamp = null) : CoordinatorCommand;

    /// <summary>A client or an operator asks for the present state.</summary>
    public sealed record Show : CoordinatorCommand;

    /// <summary>A seat answered one or more requests, in their order.</summary>
    public sealed record SeatAnswered(Frost.SeatId Seat, IReadOnlyList<SeatAnswer> Answers) : CoordinatorCommand;

    /// <summary>Ends the session without a signature.</summary>
    public sealed record Abort(AbortReason Reason) : CoordinatorCommand;
}

/// <summary>A command with what the node knows at the moment.</summary>
public sealed record CoordinatorAsked(CoordinatorCommand Command, Standing Standing);

/// <summary>The coordinator's answer: where the session stands.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Running), "running")]
[JsonDerivedType(typeof(Completed), "completed")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Noted), "noted")]
public abstract record CoordinatorReply
{
    private CoordinatorReply()
    {
    }

    public sealed record Running(int Attempts) : CoordinatorReply;

    public sealed record Completed(int Attempts, Batch<XOnlyPublicKey> OutputKey, Batch<Bytes64> Signature) : CoordinatorReply;

    public sealed record Failed(int Attempts, Refusal Reason) : CoordinatorReply;

    /// <summary>
    /// What was reported changed nothing. Says nothing of the session, so it can be given without asking whether somebody else has written since.
    /// </summary>
    public sealed record Noted : CoordinatorReply;
}

/// <summary>What became of one <see cref="CoordinatorCommand"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record CoordinatorAnswer
{
    private CoordinatorAnswer()
    {
    }

    public sealed record Granted(CoordinatorReply Reply) : CoordinatorAnswer;

    public sealed record Refused(Refusal Refusal) : CoordinatorAnswer;

    /// <summary>The coordinator could not write; nothing happened and the same command may be tried again.</summary>
    public sealed record Failed(string Code, bool IsTransient) : CoordinatorAnswer;
}

/// <summary>What must happen after the append.</summary>
public abstract record CoordinatorEffect
{
    private CoordinatorEffect()
    {
    }

    /// <summary>
    /// Ask a seat, again and again until it answers or the session ends; its answers come back as <see cref="CoordinatorCommand.SeatAnswered"/>.
    /// </summary>
    /// <param name="IsSpare">
    /// Is it of use only if no live attempt gets its shares? Whoever carries it out may hold it back for a while: most often the end, or a newer request, takes
    /// its place.
    /// </param>
    public sealed record AskSeat(SeatAddress Seat, IReadOnlyList<SeatRequest> Requests, bool IsSpare = false) : CoordinatorEffect;

    /// <summary>Tell a seat how the session ended; best effort, the answer is of no consequence.</summary>
    public sealed record TellSeat(SeatAddress Seat, SeatRequest Request) : CoordinatorEffect;

    /// <summary>The session ended, and so: wake whoever waits for it.</summary>
    public sealed record Announce(CoordinatorState.Accepted End) : CoordinatorEffect;
}
