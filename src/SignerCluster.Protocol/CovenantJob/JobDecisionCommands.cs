using System.Text.Json.Serialization;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>Commands about the decision on one job.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Decide), "decide")]
[JsonDerivedType(typeof(Look), "look")]
public abstract record JobDecisionCommand
{
    private JobDecisionCommand()
    {
    }

    /// <summary>An operator gives the job up. Whoever sends it has seen that the job cannot be read.</summary>
    public sealed record Decide(JobDecision Decision) : JobDecisionCommand;

    /// <summary>Asks whether the job was given up.</summary>
    public sealed record Look : JobDecisionCommand;
}

/// <summary>A command with what the node knows at the moment.</summary>
/// <param name="Key">Whoever may decide (BIP-0340); null where nobody may.</param>
/// <param name="Now">Unix seconds.</param>
public sealed record JobDecisionAsked(JobDecisionCommand Command, Bytes32? Key, ulong Now);

/// <summary>The decision that stands; null for none.</summary>
public sealed record JobDecisionReply(JobDecision? Decision);

/// <summary>What became of one <see cref="JobDecisionCommand"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record JobDecisionAnswer
{
    private JobDecisionAnswer()
    {
    }

    public sealed record Granted(JobDecisionReply Reply) : JobDecisionAnswer;

    public sealed record Refused(Refusal Refusal) : JobDecisionAnswer;

    /// <summary>It could not be written or read; nothing happened and the same command may be tried again.</summary>
    public sealed record Failed(string Code, bool IsTransient) : JobDecisionAnswer;
}

/// <summary>A decision asks nothing of anybody.</summary>
public abstract record JobDecisionEffect
{
    private JobDecisionEffect()
    {
    }
}
