using System.Diagnostics;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Requests;

/// <summary>
/// Turns what a client brings, a PSBT or a bare message, into sessions of one message each, and their signatures back into one answer.
/// The first input of a PSBT signs under the client's session id, so that the id is bound to the whole PSBT before any further input starts.
/// </summary>
public sealed class SigningDesk(ISigningClient client, Func<GroupId, Standing> standing)
{
    /// <summary>Signs a bare 32-byte message under the group's key-path output key.</summary>
    public Task<SigningReport> SignMessageAsync(GroupId group, SessionId session, Bytes32 message, TimeSpan wait, CancellationToken cancellation)
    {
        if (standing(group).Group is not { } known)
        {
            return Task.FromResult<SigningReport>(new SigningReport.Refused(Refusals.UnknownGroup(group)));
        }

        XOnlyPublicKey internalKey = known.GroupKey.XOnly;
        Scalar tweak = Taproot.Tweak(internalKey, merkleRoot: null);
        SigningRequest request = new(group, message, new TweakList(new Tweak(tweak, TweakMode.XOnly)), new PolicyArtefact.Raw());
        return SignAsync([new Job(session, null, Taproot.OutputKey(internalKey, merkleRoot: null), request)], wait, cancellation);
    }

    /// <summary>Signs every key-path input of a PSBT, binary or base64, that pays from the group and has no signature yet.</summary>
    public async Task<SigningReport> SignPsbtAsync(GroupId group, SessionId session, ReadOnlyMemory<byte> file, TimeSpan wait, CancellationToken cancellation)
    {
        Standing here = standing(group);
        if (here.Group is not { } known)
        {
            return new SigningReport.Refused(Refusals.UnknownGroup(group));
        }

        if (!Psbt.TryLoad(file.Span, out Psbt? psbt, out BitcoinRefusal? refusal)
            || !psbt.TryAccept(known.GroupKey.XOnly, here.FeeCeilings, out KeyPathInputs? inputs, out refusal))
        {
            return new SigningReport.Refused(Refusal.Terminal(refusal.Code, refusal.Message));
        }

        ByteString bytes = ByteString.From(psbt.ToBytes());
        Job[] jobs = [.. inputs.ToSign.Select((input, position) => ToJob(group, position == 0 ? session : session.ForInput(input.Index), input, bytes))];
        return await SignAsync(jobs, wait, cancellation) switch
        {
            SigningReport.Signed signed => Finish(psbt, inputs, signed.Messages) with { Lead = signed.Lead },
            { } other => other,
        };
    }

    private static Job ToJob(GroupId group, SessionId session, KeyPathInput input, ByteString psbt) => new(
        session,
        input.Index,
        input.OutputKey,
        new SigningRequest(group, input.Sighash, new TweakList(new Tweak(input.Tweak, TweakMode.XOnly)), new PolicyArtefact.PsbtInput(psbt, input.Index)));

    /// <summary>Adds the signatures; what else the PSBT needs before it is final may come from others, so an unfinished one is not an error.</summary>
    private static SigningReport.Signed Finish(Psbt psbt, KeyPathInputs inputs, IReadOnlyList<SignedMessage> messages)
    {
        return psbt.TrySign(
            [.. messages.Zip(inputs.ToSign, static (message, input) => (input, message.Signature!.Value))], out SignedPsbt? signed, out BitcoinRefusal? refusal)
            ? new SigningReport.Signed(messages, signed.Psbt, signed.Transaction)
            : throw new InvalidOperationException($"A verified signature was refused: {refusal.Message}");
    }

    private async Task<SigningReport> SignAsync(IReadOnlyList<Job> jobs, TimeSpan wait, CancellationToken cancellation)
    {
        // The lead session first: a conflict on the client's id must stop everything before any other input is signed.
        if (jobs.Count > 1 && await client.OpenAsync(jobs[0].Address, jobs[0].Request, cancellation) is not CoordinatorAnswer.Granted and { } stopped)
        {
            return Conclude(jobs, [stopped]);
        }

        (CoordinatorAnswer Answer, CoordinatorState.Accepted? End)[] sessions = await Task.WhenAll(
            jobs.Select(job => client.SignAsync(job.Address, job.Request, wait, cancellation)));
        return Conclude(jobs, [.. sessions.Select(static session => session.Answer)]) with { Lead = sessions[0].End };
    }

    private static SigningReport Conclude(IReadOnlyList<Job> jobs, IReadOnlyList<CoordinatorAnswer> answers)
    {
        foreach (CoordinatorAnswer answer in answers)
        {
            switch (answer)
            {
                case CoordinatorAnswer.Refused refused:
                    return new SigningReport.Refused(refused.Refusal);
                case CoordinatorAnswer.Granted { Reply: CoordinatorReply.Failed failed }:
                    return new SigningReport.Refused(failed.Reason);
                case CoordinatorAnswer.Failed failed:
                    return new SigningReport.Unavailable(failed.Code, failed.IsTransient);
            }
        }

        SignedMessage[] messages = [.. jobs.Zip(answers, static (job, answer) => job.Report(((CoordinatorAnswer.Granted)answer).Reply))];
        return messages.All(static message => message.Signature is not null)
            ? new SigningReport.Signed(messages, null, null)
            : new SigningReport.Running(messages);
    }

    /// <summary>One message to be signed under one session.</summary>
    private sealed record Job(SessionId Session, int? InputIndex, XOnlyPublicKey OutputKey, SigningRequest Request)
    {
        internal CoordinatorAddress Address => new(Request.Group, Session);

        internal SignedMessage Report(CoordinatorReply reply) => reply switch
        {
            CoordinatorReply.Completed done => new SignedMessage(Session, InputIndex, Request.Message, done.OutputKey, done.Attempts, done.Signature),
            CoordinatorReply.Running running => new SignedMessage(Session, InputIndex, Request.Message, OutputKey, running.Attempts, null),
            _ => throw new UnreachableException(reply.GetType().Name),
        };
    }
}
