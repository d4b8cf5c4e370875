using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>Keeps a participant's secret shares and nonces, and does the two secret steps of a signing session.</summary>
public sealed class SeatKeeper(NonceVault vault, Func<GroupId, SeatId, SecretShare?> shares, Entropy entropy) : ISecretKeeper<SessionCommand>
{
    public const string AtCapacity = "nonce_capacity";

    public bool TryPerform(SecretTask task, [NotNullWhen(true)] out ISecretStep<SessionCommand>? step, [NotNullWhen(false)] out Refusal? refusal)
    {
        (step, refusal) = task switch
        {
            SigningSessionSecret.DrawNonce draw => Draw(draw),
            SigningSessionSecret.ComputeShare compute => Compute(compute),
            _ => throw new UnreachableException(task.GetType().Name),
        };
        return step is not null;
    }

    private (ISecretStep<SessionCommand>? Step, Refusal? Refusal) Draw(SigningSessionSecret.DrawNonce draw)
    {
        if (vault.IsFull && vault.Holding(draw.Seat) is null)
        {
            return (null, Refusal.Recoverable(AtCapacity, "The participant holds as many nonces as it may. Try again when sessions have ended."));
        }

        if (shares(draw.Seat.Group, draw.Seat.Seat) is not { } secret)
        {
            return (null, Refusals.SeatNotHeld(draw.Seat.Seat));
        }

        return (new DrawnNonces(vault, draw.Seat, DrawAll(draw, secret), draw.Attempt), null);
    }

    /// <summary>A nonce for each message, or none: where one cannot be drawn, those that were are destroyed.</summary>
    private SecretNonces DrawAll(SigningSessionSecret.DrawNonce draw, SecretShare secret)
    {
        SecretNonce?[] drawn = new SecretNonce?[draw.Message.Count];
        SecretNonces? all = null;
        try
        {
            return all = new SecretNonces(Batch.Compute(drawn.Length, message => drawn[message] = Draw(draw, secret, message)));
        }
        finally
        {
            Array.ForEach(all is null ? drawn : [], static nonce => nonce?.Dispose());
        }
    }

    /// <summary>
    /// What a bad source of entropy repeats is told apart by the attempt, the message, and the message's place, because a payment may have a message twice.
    /// </summary>
    private SecretNonce Draw(SigningSessionSecret.DrawNonce draw, SecretShare secret, int message)
    {
        byte[] text = draw.Message[message].AsSpan().ToArray();
        byte[] place = new byte[message == 0 ? 0 : sizeof(int)];
        if (message > 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(place, message);
        }

        Span<byte> random32 = stackalloc byte[32];
        try
        {
            entropy(random32);
            return NonceGeneration.Generate(
                random32, secret, secret.PublicShare, draw.Group.GroupKey.XOnly, text, (byte[])[.. draw.Attempt.Id.Hash.AsSpan(), .. place]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(random32);
        }
    }

    private (ISecretStep<SessionCommand>? Step, Refusal? Refusal) Compute(SigningSessionSecret.ComputeShare compute)
    {
        if (shares(compute.Seat.Group, compute.Seat.Seat) is not { } secret)
        {
            return (null, Refusals.SeatNotHeld(compute.Seat.Seat));
        }

        // The vault's timer may have wiped the nonce between the decision and now.
        if (vault.Take(compute.Seat, compute.Commitment) is not { } taken)
        {
            return (null, Refusals.NonceLost);
        }

        if (taken.Sign(compute.Package, secret, compute.Values).TryGet(out Batch<Share>? share, out FrostRefusal? impossible))
        {
            return (new ComputedShare(vault, compute, taken, share), null);
        }

        taken.Dispose();
        throw new InvalidOperationException($"A package that passed every check cannot be signed: {impossible.Code}.");
    }

    /// <summary>Nonces that nobody has seen the public halves of yet.</summary>
    private sealed class DrawnNonces(NonceVault vault, SeatAddress seat, SecretNonces nonces, AttemptContext attempt) : ISecretStep<SessionCommand>
    {
        private SecretNonces? _nonces = nonces;

        public SessionCommand Result { get; } = new SessionCommand.RecordCommitment(attempt, nonces.Commitment);

        public void Settle(AppendOutcome outcome)
        {
            if (outcome is AppendOutcome.Appended && Interlocked.Exchange(ref _nonces, null) is { } kept)
            {
                vault.Put(seat, kept);
            }
            else
            {
                Dispose();
            }
        }

        public void Dispose() => Interlocked.Exchange(ref _nonces, null)?.Dispose();
    }

    /// <summary>A share that has not left yet; its nonces are spent already.</summary>
    private sealed class ComputedShare(NonceVault vault, SigningSessionSecret.ComputeShare task, TakenNonce taken, Batch<Share> share)
        : ISecretStep<SessionCommand>
    {
        public SessionCommand Result { get; } = new SessionCommand.RecordShare(task.Attempt, task.Package, share);

        public void Settle(AppendOutcome outcome)
        {
            // Definitely not written: the same package may be tried again. Written or unknown: the journal alone may answer from now on.
            if (outcome is AppendOutcome.NotWritten or AppendOutcome.Conflict)
            {
                vault.PutBound(task.Seat, task.Commitment, task.Package, share);
            }
        }

        public void Dispose() => taken.Dispose();
    }
}
