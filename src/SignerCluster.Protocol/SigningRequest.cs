using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>What a session is asked to sign for one group, and the artefact that policy judges.</summary>
/// <param name="Message">The 32-byte messages, most often one; a payment has one for each of the group's inputs. All are signed in the same attempt.</param>
/// <param name="Tweaks">The tweaks of each message, or one list that stands for all of them.</param>
public sealed record SigningRequest(GroupId Group, Batch<Bytes32> Message, Batch<TweakList> Tweaks, PolicyArtefact Artefact)
{
    /// <summary>Is there one list of tweaks for all messages, or one for each? Another number means nothing.</summary>
    [JsonIgnore]
    public bool IsEven => Tweaks.Count == 1 || Tweaks.Count == Message.Count;
}

/// <summary>Why this message may be signed: the thing a participant judges and recomputes the message from.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PsbtInput), "psbt_input")]
[JsonDerivedType(typeof(MessageProof), "message_proof")]
[JsonDerivedType(typeof(CovenantPath), "covenant_path")]
[JsonDerivedType(typeof(Raw), "raw")]
public abstract record PolicyArtefact
{
    private PolicyArtefact()
    {
    }

    /// <summary>The whole PSBT and the inputs whose key-path sighashes are the messages, in their order. Every participant recomputes them.</summary>
    public sealed record PsbtInput(ByteString Psbt, Batch<int> InputIndex) : PolicyArtefact
    {
        /// <summary>What people said to the payment, for participants whose policies ask for it; null for nothing, and then nothing of it is written.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Batch<Approval>? Approvals { get; init; }

        /// <summary>
        /// Is a PSBT this one as its session gives it back: of the same transaction, and with every input signed that the session signs? What else differs, such
        /// as the fields that finalising removes or signatures of others, cannot change what was signed.
        /// </summary>
        public bool IsFinishedBy(Psbt returned) =>
            Bitcoin.Psbts.Psbt.TryParse(Psbt.AsSpan(), out Psbt? asked, out _)
            && asked.UnsignedTransaction == returned.UnsignedTransaction
            && InputIndex.All(returned.IsSigned);
    }

    /// <summary>
    /// A text that the group signs as BIP-0322 has it, for the address of a path below its key. Every participant recomputes the message from it. It can never
    /// spend, so it needs no operator's leave.
    /// </summary>
    public sealed record MessageProof(string Text, DerivationPath Path) : PolicyArtefact;

    /// <summary>
    /// A covenant and how it is spent, which give the one message: the hash of a script path under the group's key itself, without tweaks. Whoever the covenant
    /// names beside the group has approved the transaction; every participant verifies that.
    /// </summary>
    public sealed record CovenantPath(CovenantTerms Terms, CovenantPayment Payment, Batch<Approval> Approvals) : PolicyArtefact;

    /// <summary>A bare message that nothing explains; signed only where the operator's policy allows it.</summary>
    public sealed record Raw : PolicyArtefact;
}
