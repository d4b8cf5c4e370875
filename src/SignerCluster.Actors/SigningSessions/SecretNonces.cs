using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>The secret nonces of a seat for one attempt, one for each message. Sign at most once, all of them together.</summary>
public sealed class SecretNonces(Batch<SecretNonce> nonces) : IDisposable
{
    /// <summary>The public halves, which may be sent.</summary>
    public Batch<Commitment> Commitment { get; } = Batch.Of(nonces.Select(static nonce => nonce.Commitment));

    /// <summary>The share for each message; every nonce is spent, whatever the outcome.</summary>
    public Outcome<Batch<Share>> Sign(SecretShare secret, Batch<SessionValues> values)
    {
        try
        {
            FrostRefusal? refused = null;
            Share[] shares = new Share[nonces.Count];
            bool all = Batch.All(nonces.Count, message =>
            {
                if (Signing.Sign(nonces[message], secret, values[message]).TryGet(out shares[message], out FrostRefusal? refusal))
                {
                    return true;
                }

                refused = refusal;
                return false;
            });
            return all ? Batch.Of(shares) : refused!;
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Zeroes all nonces. Safe to call twice, and after signing.</summary>
    public void Dispose()
    {
        foreach (SecretNonce nonce in nonces)
        {
            nonce.Dispose();
        }
    }

    public override string ToString() => $"{nonces.Count} secret nonces <redacted>";
}
