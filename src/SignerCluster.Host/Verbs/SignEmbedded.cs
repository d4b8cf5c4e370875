using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Host.Verbs;

/// <summary>Signs with a cluster that lives for this one request.</summary>
internal static class SignEmbedded
{
    internal static async Task<SignEnd> RunAsync(
        string data, ClusterSettings settings, SignOrder order, Terminal terminal, WorkProgress progress, CancellationToken cancellation)
    {
        // Other open sessions are left to a longer-lived process: this one would stop in the middle of them, and may allow less than they need.
        ClusterSettings alone = settings with { Embedded = new EmbeddedClusterSettings { ResumesOpenSessions = false } };
        await using RunningCluster running = await Wiring.StartAsync(data, alone, NullLoggerFactory.Instance, cancellation);
        running.Warn(terminal);
        Stopwatch watch = Stopwatch.StartNew();
        SigningDesk desk = running.Cluster.Desk;
        CoordinatorAddress session = new(order.Group, order.Session);
        SigningReport report =
            await SignProgress.WatchAsync(progress, running.CoordinatorJournal, session, () => SignAsync(desk, order, cancellation), cancellation);
        return report switch
        {
            SigningReport.Signed signed when order.Withdrawal is not null =>
                new SignEnd.Signed(await WithRecordAsync(Document(order, signed, watch.Elapsed), running, session, cancellation)),
            SigningReport.Signed signed => new SignEnd.Signed(Document(order, signed, watch.Elapsed)),
            SigningReport.Refused refused => new SignEnd.Failed(Failure.Of(refused.Refusal)),
            SigningReport.Running => SignEnd.TimedOut(order.Session, order.Timeout),
            SigningReport.Unavailable unavailable =>
                new SignEnd.Failed(Failure.Unavailable(unavailable.Code, "The journal could not be written; nothing happened.")),
            _ => throw new UnreachableException(report.GetType().Name),
        };
    }

    /// <summary>With the record that the signatures rest on, and its envelope.</summary>
    private static async Task<SignDocument> WithRecordAsync(
        SignDocument document, RunningCluster running, CoordinatorAddress withdrawal, CancellationToken cancellation)
    {
        ServedGuardians coordinators = running.Cluster.Guardians.First(static party => party.IsCoordinator);
        FromGuardian answer = await coordinators.Desk.AskAsync(
            new GuardianAddress(withdrawal.Group), new GuardianCommand.Prove(withdrawal.Session), cancellation);
        if (answer.Answer is not GuardianAnswer.Granted { Reply: GuardianReply.Proved proved })
        {
            throw new UnavailableException("answer_timeout", $"Withdrawal {withdrawal.Session} is signed, and its record could not be read just now.");
        }

        SessionView? view = await new SessionReader(running.CoordinatorJournal).ReadAsync(withdrawal, cancellation);
        return document with
        {
            Withdrawal = WithdrawalResponse.Of(proved.Withdrawal),
            Envelope = WithdrawalEndpoints.Seal(running.Session, proved, view, TimeProvider.System.GetUtcNow()),
        };
    }

    private static Task<SigningReport> SignAsync(SigningDesk desk, SignOrder order, CancellationToken cancellation) => order switch
    {
        { Withdrawal: { } terms } =>
            desk.WithdrawAsync(order.Group, order.Session, order.Psbt, order.Approvals, terms.Timestamp, order.Timeout, cancellation),
        { Psbt: { } psbt } => desk.SignPsbtAsync(order.Group, order.Session, psbt, order.Approvals, order.Timeout, cancellation),
        { Proof: { } proof } => desk.ProveAsync(order.Group, order.Session, proof, order.Timeout, cancellation),
        _ => desk.SignMessageAsync(order.Group, order.Session, order.Message!.Value, order.Timeout, cancellation),
    };

    private static SignDocument Document(SignOrder order, SigningReport.Signed signed, TimeSpan elapsed)
    {
        SignedInputDocument[] inputs = [.. signed.Messages.Select(static message => new SignedInputDocument(
            message.Session.ToString(),
            message.InputIndex,
            message.OutputKey.ToString(),
            message.Message.ToString(),
            message.Signature!.Value.ToString(),
            message.Attempts))];
        return SignDocument.Of(
            order.Session.ToString(),
            order.Group.ToString(),
            inputs,
            elapsed,
            signed.Psbt?.ToBase64(),
            signed.Transaction is { } transaction ? Convert.ToHexStringLower(transaction.ToBytes()) : null) with
        {
            Proof = order.Proof is { } proof ? ProofResponse.Of(order.Group, proof, signed.Messages[0].Signature) : null,
        };
    }
}
