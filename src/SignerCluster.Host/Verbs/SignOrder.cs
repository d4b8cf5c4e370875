using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs;

/// <summary>What is to be signed: exactly one of PSBT file content, message and proof.</summary>
internal sealed class SignOrder(
    GroupId group, SessionId session, byte[]? psbt, Bytes32? message, TimeSpan timeout, PolicyArtefact.MessageProof? proof = null)
{
    private static ReadOnlySpan<byte> BinaryMagic => "psbt"u8;

    internal GroupId Group => group;

    internal SessionId Session => session;

    internal byte[]? Psbt => psbt;

    internal Bytes32? Message => message;

    internal PolicyArtefact.MessageProof? Proof => proof;

    internal TimeSpan Timeout => timeout;

    /// <summary>What people said to the PSBT; null for nothing.</summary>
    internal Batch<Approval>? Approvals { get; init; }

    /// <summary>The PSBT is a withdrawal of a group under a guardian; null for a plain session.</summary>
    internal WithdrawalTerms? Withdrawal { get; init; }

    /// <summary>Was the PSBT given in binary, so that it is to be given back so?</summary>
    internal bool IsBinary => psbt is not null && psbt.AsSpan().StartsWith(BinaryMagic);
}

/// <summary>What a withdrawal says beside its PSBT.</summary>
/// <param name="Timestamp">Unix seconds; null for the guardian's own time.</param>
internal sealed record WithdrawalTerms(ulong? Timestamp);

/// <summary>How a request for signatures ended.</summary>
internal abstract record SignEnd
{
    private SignEnd()
    {
    }

    internal sealed record Signed(SignDocument Document) : SignEnd;

    internal sealed record Failed(Failure Failure) : SignEnd;

    internal static SignEnd TimedOut(SessionId session, TimeSpan timeout) => new Failed(Failure.Unavailable(
        "timed_out", $"Session {session} is not finished after {timeout.TotalSeconds:0.###} seconds. What was accepted of it stays; too few seats may be up."));
}
