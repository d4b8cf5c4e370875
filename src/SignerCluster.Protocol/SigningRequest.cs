using System.Text.Json.Serialization;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol;

/// <summary>What a session is asked to sign: one 32-byte message for one group under a list of tweaks, and the artefact that policy judges.</summary>
public sealed record SigningRequest(GroupId Group, Bytes32 Message, TweakList Tweaks, PolicyArtefact Artefact);

/// <summary>Why this message may be signed: the thing a participant judges and recomputes the message from.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(PsbtInput), "psbt_input")]
[JsonDerivedType(typeof(Raw), "raw")]
public abstract record PolicyArtefact
{
    private PolicyArtefact()
    {
    }

    /// <summary>The whole PSBT and the input whose key-path sighash is the message. Every participant recomputes it.</summary>
    public sealed record PsbtInput(ByteString Psbt, int InputIndex) : PolicyArtefact;

    /// <summary>A bare message that nothing explains; signed only where the operator's policy allows it.</summary>
    public sealed record Raw : PolicyArtefact;
}
