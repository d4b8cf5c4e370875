using System.Diagnostics.CodeAnalysis;
using System.Text;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Messages;

/// <summary>
/// A BIP-0322 proof that a group is to make for one of its addresses. The simple and the full proof are two forms of one signature. What is signed spends an
/// output that no transaction has, so it can never move money.
/// </summary>
public sealed class ProofRequest
{
    /// <summary>The longest text, in bytes of UTF-8: every node of a cluster stores it.</summary>
    public const int MaximumTextBytes = 16 * 1024;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly string _text;

    private ProofRequest(DerivedKey key, string text)
    {
        _text = text;
        OutputKey = key.OutputKey(merkleRoot: null);
        Steps = key.StepsTo(merkleRoot: null);
        ScriptPubKey = Taproot.ScriptPubKey(OutputKey);
        Transaction toSign = MessageProof.ToSign(ScriptPubKey, text, Witness.Empty);
        bool isHashed = TaprootSighash.TryCompute(
            toSign, 0, [new TxOut(0, ScriptPubKey)], SighashType.Default, annex: default, out Bytes32 sighash, out BitcoinRefusal? refusal);
        Sighash = isHashed ? sighash : throw new InvalidOperationException(refusal!.Message);
    }

    /// <summary>The key that the address pays to and that the signature verifies under.</summary>
    public XOnlyPublicKey OutputKey { get; }

    /// <summary>How the group's key becomes <see cref="OutputKey"/>.</summary>
    public IReadOnlyList<KeyStep> Steps { get; }

    /// <summary>The script of the address.</summary>
    public Script ScriptPubKey { get; }

    /// <summary>The 32 bytes to sign.</summary>
    public Bytes32 Sighash { get; }

    /// <summary>
    /// The request for a text under the address of a path. Refuses a text of more than <see cref="MaximumTextBytes"/> (<c>proof_text_too_long</c>), and one that
    /// UTF-8 cannot write (<c>proof_text_not_unicode</c>), because others would read another text than was signed. The empty text is one.
    /// </summary>
    public static bool TryCreate(
        XOnlyPublicKey groupKey,
        DerivationPath path,
        string text,
        [NotNullWhen(true)] out ProofRequest? request,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = Judge(text);
        request = refusal is null ? new ProofRequest(new GroupAccount(groupKey).Derive(path), text) : null;
        return request is not null;
    }

    /// <summary>
    /// The proofs that a signature makes. They were verified by the rules of the BIP: throws <see cref="InvalidOperationException"/> when they do not hold,
    /// which a signature that verifies under <see cref="OutputKey"/> never brings about.
    /// </summary>
    public SignedProof Complete(Bytes64 signature)
    {
        Transaction signed = MessageProof.ToSign(ScriptPubKey, _text, Witness.FromItems(signature.AsSpan().ToArray()));
        SignedProof proof = new(MessageProof.Simple(signed), MessageProof.Full(signed));
        foreach (string form in (string[])[proof.Simple, proof.Full])
        {
            if (!MessageProof.TryVerify(ScriptPubKey, _text, form, out ProofTimes times, out BitcoinRefusal? refusal) || times != default)
            {
                throw new InvalidOperationException($"A proof of a verified signature does not hold: {refusal?.Message}");
            }
        }

        return proof;
    }

    private static BitcoinRefusal? Judge(string text)
    {
        try
        {
            int length = _strict.GetByteCount(text);
            return length <= MaximumTextBytes
                ? null
                : new BitcoinRefusal(RefusalCodes.ProofTextTooLong, $"The text has {length} bytes in UTF-8, and the limit is {MaximumTextBytes}.");
        }
        catch (EncoderFallbackException wrong)
        {
            return new BitcoinRefusal(RefusalCodes.ProofTextNotUnicode, $"The text is not valid Unicode at character {wrong.Index}.");
        }
    }
}

/// <summary>One proof in both forms of BIP-0322, each with its prefix.</summary>
/// <param name="Simple">The witness alone; most wallets want this one.</param>
/// <param name="Full">The whole transaction.</param>
public sealed record SignedProof(string Simple, string Full);
