using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>What became of one command of an entity.</summary>
public abstract record Verdict<TReply>
{
    private Verdict()
    {
    }

    /// <summary>Granted, and durable if there was anything to write.</summary>
    public sealed record Granted(TReply Reply) : Verdict<TReply>;

    /// <summary>Refused; nothing changed, and what the decider kept as evidence of it is durable.</summary>
    public sealed record Refused(Refusal Refusal) : Verdict<TReply>;

    /// <summary>The journal failed. When the fault is transient the same command may be tried again.</summary>
    public sealed record Failed(JournalException Fault) : Verdict<TReply>;
}
