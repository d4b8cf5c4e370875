using SignerCluster.Journal.Audit;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Statements;

/// <summary>A statement with its party's signature.</summary>
/// <param name="Signature">BIP-0340, by the statement's identity over its digest.</param>
public sealed record SignedStatement(JournalStatement Statement, Bytes64 Signature)
{
    /// <summary>Says in a party's name what an audit found.</summary>
    public static SignedStatement Sign(string party, string journal, AuditReport report, IdentityKey identity, Entropy entropy, DateTimeOffset now)
    {
        Span<byte> auxiliary32 = stackalloc byte[32];
        entropy(auxiliary32);
        JournalStatement statement = new(party, journal, identity.Public, (ulong)now.ToUnixTimeSeconds(), report);
        return new SignedStatement(statement, identity.Sign(statement.ComputeDigest().AsSpan(), auxiliary32));
    }

    /// <summary>
    /// What is wrong with it; null when the identity is the expected one and signed it. What it lists as found is another matter. Needs nothing but the
    /// statement and the identity key.
    /// </summary>
    public string? Fault(XOnlyPublicKey expectedIdentity) => this switch
    {
        _ when Statement.Identity != expectedIdentity => $"The statement is by {Statement.Identity}, and {expectedIdentity} was expected.",
        _ when !Bip340.Verify(Statement.Identity, Statement.ComputeDigest().AsSpan(), Signature) => "The identity key did not sign the statement.",
        _ => null,
    };
}
