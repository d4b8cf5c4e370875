using System.Diagnostics;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Policy;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Requests;

/// <summary>
/// Turns what a client brings, a PSBT, a text to prove or a bare message, into a session, and its signatures back into one answer. All inputs of a PSBT are
/// messages of one session, so its id is bound to the whole payment, and the payment is stored once a node.
/// </summary>
/// <param name="standing">A group as it is known at this moment.</param>
/// <param name="recorded">What a session was asked for when it was opened; null when it never was.</param>
public sealed class SigningDesk(
    ISigningClient client, Func<GroupId, Standing> standing, Func<CoordinatorAddress, CancellationToken, ValueTask<SigningRequest?>> recorded)
{
    /// <summary>Signs a bare 32-byte message under the group's key-path output key.</summary>
    public async Task<SigningReport> SignMessageAsync(GroupId group, SessionId session, Bytes32 message, TimeSpan wait, CancellationToken cancellation)
    {
        if (standing(group).Group is not { } known)
        {
            return new SigningReport.Refused(Refusals.UnknownGroup(group));
        }

        Scalar tweak = Taproot.Tweak(known.GroupKey.XOnly, merkleRoot: null);
        SigningRequest request = new(group, message, new TweakList(new Tweak(tweak, TweakMode.XOnly)), new PolicyArtefact.Raw());
        return await SignAsync(known, session, request, new CoordinatorCommand.Sign(request), wait, cancellation);
    }

    /// <summary>
    /// Signs every key-path input of a PSBT, binary or base64, that pays from the group and has no signature yet. A PSBT that comes back with the signatures of
    /// its session gets that session's answer again.
    /// </summary>
    /// <param name="approvals">What people said to the payment; null for nothing.</param>
    public Task<SigningReport> SignPsbtAsync(
        GroupId group, SessionId session, ReadOnlyMemory<byte> file, Batch<Approval>? approvals, TimeSpan wait, CancellationToken cancellation) =>
        SignPsbtAsync(group, session, file, approvals, static request => new CoordinatorCommand.Sign(request), wait, cancellation);

    /// <summary>
    /// As the other, of a group under a guardian. A known id is answered with what was recorded also where the same messages of the same transaction come in
    /// other bytes, as from a wallet that has made its PSBT anew (G2).
    /// </summary>
    /// <param name="id">The withdrawal's, and its session's.</param>
    /// <param name="timestamp">Unix seconds; null for the guardian's own time.</param>
    public Task<SigningReport> WithdrawAsync(
        GroupId group, SessionId id, ReadOnlyMemory<byte> file, Batch<Approval>? approvals, ulong? timestamp, TimeSpan wait, CancellationToken cancellation) =>
        SignPsbtAsync(group, id, file, approvals, request => new CoordinatorCommand.Withdraw(request, timestamp), wait, cancellation);

    private async Task<SigningReport> SignPsbtAsync(
        GroupId group,
        SessionId session,
        ReadOnlyMemory<byte> file,
        Batch<Approval>? approvals,
        Func<SigningRequest, CoordinatorCommand> open,
        TimeSpan wait,
        CancellationToken cancellation)
    {
        Standing here = standing(group);
        if (here.Group is not { } known)
        {
            return new SigningReport.Refused(Refusals.UnknownGroup(group));
        }

        if (!Psbt.TryLoad(file.Span, out Psbt? psbt, out BitcoinRefusal? refusal))
        {
            return new SigningReport.Refused(Refusal.Terminal(refusal.Code, refusal.Message));
        }

        if (!psbt.TryAccept(known.GroupKey.XOnly, here.PaymentLimits, out KeyPathInputs? inputs, out refusal))
        {
            // A final input of a derived address has lost the field that tells whose it is, and so a finished payment may look foreign.
            bool mayBeBack = refusal.Code is RefusalCodes.PsbtAlreadySigned or RefusalCodes.PsbtForeignKey;
            return (mayBeBack
                    ? await RepeatAsync(known, new CoordinatorAddress(group, session), open, (_, asked) => asked.IsFinishedBy(psbt), wait, cancellation)
                    : null)
                ?? new SigningReport.Refused(Refusal.Terminal(refusal.Code, refusal.Message));
        }

        SigningRequest request = ToRequest(group, psbt, inputs.ToSign, approvals);
        CoordinatorCommand opening = open(request);
        SigningReport report = await SignAsync(known, session, request, opening, wait, cancellation);
        if (opening is CoordinatorCommand.Withdraw && report is SigningReport.Refused { Refusal.Code: Refusals.SessionConflictCode })
        {
            return await RepeatAsync(known, new CoordinatorAddress(group, session), open, SignsTheSame, wait, cancellation) ?? report;
        }

        return report is SigningReport.Signed signed ? Finish(psbt, inputs, signed) : report;

        // A message commits to the whole transaction and to the amounts that its inputs bring.
        bool SignsTheSame(SigningRequest recordedRequest, PolicyArtefact.PsbtInput _) =>
            recordedRequest.Message == request.Message && recordedRequest.Tweaks == request.Tweaks;
    }

    /// <summary>Proves the address of a path below the group's key by signing a text (BIP-0322). The signature of the report makes the proof.</summary>
    public async Task<SigningReport> ProveAsync(
        GroupId group, SessionId session, PolicyArtefact.MessageProof artefact, TimeSpan wait, CancellationToken cancellation)
    {
        if (standing(group).Group is not { } known)
        {
            return new SigningReport.Refused(Refusals.UnknownGroup(group));
        }

        if (!ProofRequest.TryCreate(known.GroupKey.XOnly, artefact.Path, artefact.Text, out ProofRequest? proof, out BitcoinRefusal? refusal))
        {
            return new SigningReport.Refused(Refusal.Terminal(refusal.Code, refusal.Message));
        }

        SigningRequest request = new(group, proof.Sighash, TweakList.Of(proof.Steps), artefact);
        return await SignAsync(known, session, request, new CoordinatorCommand.Sign(request), wait, cancellation);
    }

    /// <summary>The answer of a recorded session to what it was asked for itself; null where <paramref name="isIt"/> says that it is another one.</summary>
    private async Task<SigningReport?> RepeatAsync(
        ThresholdInfo group,
        CoordinatorAddress session,
        Func<SigningRequest, CoordinatorCommand> open,
        Func<SigningRequest, PolicyArtefact.PsbtInput, bool> isIt,
        TimeSpan wait,
        CancellationToken cancellation)
    {
        if (await recorded(session, cancellation) is not { Artefact: PolicyArtefact.PsbtInput artefact } request
            || !isIt(request, artefact)
            || !Psbt.TryParse(artefact.Psbt.AsSpan(), out Psbt? asked, out _)
            || !asked.TryFindKeyPathInputs(group.GroupKey.XOnly, out KeyPathInputs? inputs, out _)
            || inputs.ToSign.Count != request.Message.Count)
        {
            return null;
        }

        SigningReport report = await SignAsync(group, session.Session, request, open(request), wait, cancellation);
        return report is SigningReport.Signed signed ? Finish(asked, inputs, signed) : report;
    }

    private static SigningRequest ToRequest(GroupId group, Psbt psbt, IReadOnlyList<KeyPathInput> inputs, Batch<Approval>? approvals) => new(
        group,
        Batch.Of(inputs.Select(static input => input.Sighash)),
        Batch.Shared(inputs.Select(static input => TweakList.Of(input.Steps))),
        new PolicyArtefact.PsbtInput(ByteString.From(psbt.ToBytes()), Batch.Of(inputs.Select(static input => input.Index))) { Approvals = approvals });

    /// <summary>Adds the signatures; what else the PSBT needs before it is final may come from others, so an unfinished one is not an error.</summary>
    private static SigningReport.Signed Finish(Psbt psbt, KeyPathInputs inputs, SigningReport.Signed report) =>
        psbt.TrySign(
            [.. report.Messages.Zip(inputs.ToSign, static (message, input) => (input, message.Signature!.Value))],
            out SignedPsbt? signed,
            out BitcoinRefusal? refusal)
            ? report with { Psbt = signed.Psbt, Transaction = signed.Transaction }
            : throw new InvalidOperationException($"A verified signature was refused: {refusal.Message}");

    private async Task<SigningReport> SignAsync(
        ThresholdInfo group, SessionId session, SigningRequest request, CoordinatorCommand opening, TimeSpan wait, CancellationToken cancellation)
    {
        (CoordinatorAnswer answer, CoordinatorState.Accepted? end) =
            await client.SignAsync(new CoordinatorAddress(request.Group, session), opening, wait, cancellation);
        SigningReport report = answer switch
        {
            CoordinatorAnswer.Refused refused => new SigningReport.Refused(refused.Refusal),
            CoordinatorAnswer.Granted { Reply: CoordinatorReply.Failed failed } => new SigningReport.Refused(failed.Reason),
            CoordinatorAnswer.Failed failed => new SigningReport.Unavailable(failed.Code, failed.IsTransient),
            CoordinatorAnswer.Granted { Reply: CoordinatorReply.Completed done } =>
                new SigningReport.Signed(ToMessages(session, request, done.OutputKey, done.Attempts, done.Signature), null, null),
            CoordinatorAnswer.Granted { Reply: CoordinatorReply.Running running } =>
                new SigningReport.Running(ToMessages(session, request, OutputKeys(group, request), running.Attempts, null)),
            _ => throw new UnreachableException(answer.GetType().Name),
        };
        return report with { End = end };
    }

    private static Batch<XOnlyPublicKey> OutputKeys(ThresholdInfo group, SigningRequest request) =>
        Batch.Of(group.Tweaked(request.Tweaks).Value.Select(static key => key.OutputKey));

    private static SignedMessage[] ToMessages(
        SessionId session, SigningRequest request, Batch<XOnlyPublicKey> keys, int attempts, Batch<Bytes64>? signatures)
    {
        Batch<int>? inputs = (request.Artefact as PolicyArtefact.PsbtInput)?.InputIndex;
        return [.. request.Message.Select((message, index) =>
            new SignedMessage(session, inputs?[index], message, keys.For(index), attempts, signatures?[index]))];
    }
}
