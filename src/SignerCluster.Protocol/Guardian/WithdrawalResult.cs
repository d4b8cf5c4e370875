using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>What a node says of a withdrawal that is signed, at the moment at which it says it.</summary>
/// <param name="Withdrawal">The record that the signatures rest on.</param>
/// <param name="Proof">That the record is in the guardian's chain.</param>
/// <param name="OutputKey">The keys that the signatures verify under; one where one stands for all.</param>
/// <param name="Message">The sighashes, one for each input of the group.</param>
/// <param name="Signature">BIP-340, in the order of the messages.</param>
/// <param name="IssuedAt">Unix seconds.</param>
public sealed record WithdrawalResult(
    GroupId Group,
    GuardianRecord.WithdrawalAccepted Withdrawal,
    RecordProof Proof,
    Batch<XOnlyPublicKey> OutputKey,
    Batch<Bytes32> Message,
    Batch<Bytes64> Signature,
    ulong IssuedAt)
{
    private static readonly TaggedHash _domain = new("SignerCluster/withdrawal/result/v1");

    /// <summary>32 bytes that a session key signs: everything in it, each behind its length.</summary>
    public Bytes32 ComputeDigest()
    {
        FramedHash hash = new FramedHash(_domain).Add(Group.X).Add(Withdrawal.ComputeHash()).Add((ulong)Proof.Size).Add(Proof.Root).Add(Proof.Path.Count);
        foreach (Bytes32 step in Proof.Path)
        {
            hash.Add(step);
        }

        hash.Add(Message).Add(OutputKey.Count);
        foreach (XOnlyPublicKey key in OutputKey)
        {
            hash.Add(key.ToBytes());
        }

        hash.Add(Signature.Count);
        foreach (Bytes64 signature in Signature)
        {
            hash.Add(signature.AsSpan());
        }

        return hash.Add(IssuedAt).Finish();
    }

    /// <summary>What is wrong with it, whoever says it; null when the record is proved and every signature verifies.</summary>
    public string? Fault() => this switch
    {
        _ when !Proof.Proves(Withdrawal) => "The record is not in the chain of this root.",
        _ when Signature.Count != Message.Count || (OutputKey.Count != 1 && OutputKey.Count != Message.Count) => "There is not one signature a message.",
        _ when Enumerable.Range(0, Message.Count).Any(index => !Bip340.Verify(OutputKey.For(index), Message[index].AsSpan(), Signature[index])) =>
            "A signature does not verify.",
        _ => null,
    };
}

/// <summary>A party's word that a key, made when a process began and kept in its memory only, speaks for one of its nodes.</summary>
/// <param name="SessionKey">Ed25519, 32 bytes.</param>
/// <param name="IssuedAt">Unix seconds.</param>
public sealed record SessionCertificate(string Party, string Node, Bytes32 SessionKey, ulong IssuedAt)
{
    private static readonly TaggedHash _domain = new("SignerCluster/session-key/v1");

    /// <summary>32 bytes that the party's identity key signs.</summary>
    public Bytes32 ComputeDigest() => new FramedHash(_domain).Add(Party).Add(Node).Add(SessionKey).Add(IssuedAt).Finish();
}
