using System.Text.Json.Serialization;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>Commands of a job. Wire messages and commands alike; facts of the moment travel beside them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Submit), "submit")]
[JsonDerivedType(typeof(Poll), "poll")]
public abstract record JobCommand
{
    private JobCommand()
    {
    }

    /// <summary>Asks for the job. The same request again is the same job.</summary>
    public sealed record Submit(JobRequest Request) : JobCommand;

    /// <summary>Asks what became of the job of exactly this request.</summary>
    public sealed record Poll(Bytes32 Digest) : JobCommand;

    /// <summary>The job's session answers. Made by the job's own activation, never sent.</summary>
    public sealed record SessionAnswered(CoordinatorAnswer Answer) : JobCommand;

    /// <summary>An operator gave the job up while it could not be read. Made by the job's own activation, never sent.</summary>
    public sealed record Abandon(JobDecision Decision) : JobCommand;

    /// <summary>It is time to look whether the job is still good. Made by the job's own activation, never sent.</summary>
    public sealed record Look : JobCommand;
}

/// <summary>A command with what the node knows at the moment.</summary>
/// <param name="Now">Unix seconds.</param>
/// <param name="Registry">What the registry says of the reserve that the command or the job is about.</param>
public sealed record JobAsked(JobCommand Command, ulong Now, Standing Standing, RegistryFacts Registry);

/// <summary>Where a job stands, for who asked.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Pending), "pending")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record JobReply
{
    private JobReply()
    {
    }

    public sealed record Pending : JobReply;

    /// <summary>The group's signature over the sighash of the request's transaction.</summary>
    public sealed record Ready(Bytes64 Signature) : JobReply;

    public sealed record Failed(Refusal Reason) : JobReply;
}

/// <summary>What became of one <see cref="JobCommand"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record JobAnswer
{
    private JobAnswer()
    {
    }

    public sealed record Granted(JobReply Reply) : JobAnswer;

    public sealed record Refused(Refusal Refusal) : JobAnswer;

    /// <summary>The job could not be written or read; nothing happened and the same command may be tried again.</summary>
    public sealed record Failed(string Code, bool IsTransient) : JobAnswer;
}

/// <summary>What must happen after the append.</summary>
public abstract record JobEffect
{
    private JobEffect()
    {
    }

    /// <summary>Ask the job's session to sign, again and again until the job ends; its answers come back as <see cref="JobCommand.SessionAnswered"/>.</summary>
    public sealed record Sign(CoordinatorAddress Session, SigningRequest Request) : JobEffect;
}
