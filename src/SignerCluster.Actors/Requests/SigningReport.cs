using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Requests;

/// <summary>Where one message of a request stands.</summary>
/// <param name="InputIndex">The PSBT input it is the sighash of; null for a bare message.</param>
/// <param name="OutputKey">The x-only key under which the signature verifies.</param>
/// <param name="Signature">Null while the session runs.</param>
public sealed record SignedMessage(SessionId Session, int? InputIndex, Bytes32 Message, XOnlyPublicKey OutputKey, int Attempts, Bytes64? Signature);

/// <summary>What became of a request for signatures.</summary>
public abstract record SigningReport
{
    private SigningReport()
    {
    }

    /// <summary>How the session ended, when that was seen from here; null when it has to be read.</summary>
    public CoordinatorState.Accepted? End { get; internal init; }

    /// <summary>Every message is signed and every signature verified. For a PSBT: the PSBT with them, and the transaction once all inputs are final.</summary>
    public sealed record Signed(IReadOnlyList<SignedMessage> Messages, Psbt? Psbt, Transaction? Transaction) : SigningReport;

    /// <summary>Time ran out. Nothing is lost: the same session id and request continue.</summary>
    public sealed record Running(IReadOnlyList<SignedMessage> Messages) : SigningReport;

    public sealed record Refused(Refusal Refusal) : SigningReport;

    /// <summary>The coordinator could not write; the same request may be tried again.</summary>
    public sealed record Unavailable(string Code, bool IsTransient) : SigningReport;
}
