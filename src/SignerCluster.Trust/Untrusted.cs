namespace SignerCluster.Trust;

/// <summary>Why a message is not trusted.</summary>
public enum UntrustedReason
{
    /// <summary>Not the layout of a message, or longer than any message may be.</summary>
    Malformed,

    /// <summary>Of another cluster.</summary>
    OtherCluster,

    /// <summary>The sender is not in the roster.</summary>
    UnknownSender,

    /// <summary>For another party.</summary>
    OtherRecipient,

    /// <summary>For another node of this party.</summary>
    OtherNode,

    /// <summary>Expired, or good for longer than any message may be.</summary>
    OutOfTime,

    /// <summary>Not signed by the sender that it names.</summary>
    BadSignature,

    /// <summary>A reply where a request belongs, or a request where a reply belongs.</summary>
    OtherKind,

    /// <summary>About another entity than the one that it was delivered to or asked of.</summary>
    OtherEntity,

    /// <summary>The sender may not ask this entity.</summary>
    NotPermitted,

    /// <summary>Taken before.</summary>
    Replayed,

    /// <summary>A reply by another party than the one that was asked.</summary>
    OtherParty,

    /// <summary>A reply to another request.</summary>
    OtherRequest,
}

/// <summary>One message that is not trusted.</summary>
/// <param name="Claimed">Whom of the roster the message names as its sender, signed or not; null before that is known.</param>
internal readonly record struct Untrusted(UntrustedReason Reason, PartyName? Claimed)
{
    internal static IReadOnlyList<UntrustedReason> Reasons { get; } = Enum.GetValues<UntrustedReason>();

    /// <summary>What an operator should look at.</summary>
    internal static string Advice(UntrustedReason reason) => reason switch
    {
        UntrustedReason.Malformed => "it was altered on the way, or another program dials this node; compare the versions of all nodes",
        UntrustedReason.OtherCluster or UntrustedReason.UnknownSender => "compare roster.json with that of the other operators",
        UntrustedReason.OtherRecipient or UntrustedReason.OtherNode or UntrustedReason.OtherEntity =>
            "it was meant for another party, node or entity; compare the certificates that roster.json pins with those of the nodes",
        UntrustedReason.OutOfTime => "compare the clocks of both nodes and the message lifetime in their settings, or it was held back on the way",
        UntrustedReason.BadSignature =>
            "it was altered or forged, or the roster has another identity key for this sender; compare roster.json with that operator",
        UntrustedReason.NotPermitted => "this party may not ask that; look at its role in roster.json",
        UntrustedReason.Replayed => "it came twice, or somebody who could read it sends it again",
        UntrustedReason.OtherKind or UntrustedReason.OtherParty or UntrustedReason.OtherRequest =>
            "it is a reply to something else; answers were mixed up on the way, or somebody answers for the party that was asked",
        _ => throw new System.Diagnostics.UnreachableException(reason.ToString()),
    };
}
