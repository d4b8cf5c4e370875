using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round2;

/// <summary>A deterministic signer's answer: its commitment, made together with its share.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DeterministicShare(Commitment Commitment, Share Share);

/// <summary>
/// BIP-445 <c>DeterministicSign</c>: one signer without a source of randomness derives its nonce from everything the others have already fixed.
/// Only the last signer may do so. It exists for devices without randomness and is off: nothing in the cluster enables it.
/// </summary>
public sealed class DeterministicSigning
{
    private const int StackLimit = 1024;

    private static readonly TaggedHash _nonceHash = new("BIP0445/deterministic/nonce");

    private DeterministicSigning()
    {
    }

    /// <summary>The opt-in. The caller answers for this signer being the last, or the only, one of each session.</summary>
    public static DeterministicSigning EnableForTheLastSigner() => new();

    /// <summary>
    /// Derives the nonce and signs. <paramref name="others"/> aggregates all other signers' commitments and is null for a sole signer; neither
    /// half may be infinity. <paramref name="auxiliary32"/> is optional, and 32 zero bytes are not the same as none.
    /// Refusals: those of <see cref="SessionValues.Create"/> and <see cref="Signing.Sign"/>, and <c>invalid_others_aggregate_nonce</c>.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1822", Justification = "The instance is the opt-in.")]
    public Outcome<DeterministicShare> Sign(
        SecretShare share,
        AggregateNonce? others,
        ThresholdInfo group,
        SeatSet signers,
        TweakedKey key,
        ReadOnlySpan<byte> message,
        ReadOnlyMemory<byte>? auxiliary32 = null)
    {
        if ((SessionValues.CheckSigners(group, signers, key) ?? Signing.CheckSigner(share, group, signers)) is { } refusal)
        {
            return refusal;
        }

        using SecretNonce nonce = DeriveNonce(share, others, signers, key.OutputKey, message, auxiliary32);
        if (!Combine(nonce.Commitment, others).TryGet(out AggregateNonce aggregate, out FrostRefusal? badNonce))
        {
            return badNonce;
        }

        return SessionValues.Create(group, signers, aggregate, key, message).TryGet(out SessionValues? session, out FrostRefusal? badSession)
            ? new DeterministicShare(nonce.Commitment, Signing.Sign(nonce, share, session).Value)
            : badSession;
    }

    private static Outcome<AggregateNonce> Combine(Commitment own, AggregateNonce? others)
    {
        if (others is not { } aggregate)
        {
            return new AggregateNonce(own.Bytes);
        }

        // Parsed as a commitment on purpose: here the BIP does not allow infinity.
        return NonceAggregation.Aggregate([own, new Commitment(aggregate.Bytes)]).TryGet(out AggregateNonce sum, out _)
            ? sum
            : new FrostRefusal(
                FrostCode.InvalidOthersAggregateNonce,
                "The other signers' aggregate nonce is not two points in compressed form.",
                null,
                null,
                Contribution.OthersAggregateNonce);
    }

    private static SecretNonce DeriveNonce(
        SecretShare share, AggregateNonce? others, SeatSet signers, XOnlyPublicKey key, ReadOnlySpan<byte> message, ReadOnlyMemory<byte>? auxiliary32)
    {
        int length = 32 + 4 + 4 + (4 * signers.Count) + (others is null ? 0 : 66) + 32 + 8 + message.Length + 1;
        Span<byte> buffer = length <= StackLimit ? stackalloc byte[length] : GC.AllocateUninitializedArray<byte>(length, pinned: true);
        try
        {
            if (auxiliary32 is { } auxiliary)
            {
                ArgumentOutOfRangeException.ThrowIfNotEqual(auxiliary.Length, 32, nameof(auxiliary32));
                NonceGeneration.Blind(auxiliary.Span, share.Secret, buffer[..32]);
            }
            else
            {
                share.CopyTo(buffer);
            }

            HashInput input = new(buffer[32..]);
            Bytes66 nonce66 = others?.Bytes ?? default;
            Bytes32 key32 = key.ToBytes();
            input.AppendUInt32(share.Seat.Value);
            input.AppendSigners(signers);
            input.Append(others is null ? [] : nonce66.AsSpan());
            input.Append(key32.AsSpan());
            input.AppendUInt64(message.Length);
            input.Append(message);
            return NonceGeneration.FromHashInput(_nonceHash, buffer);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
