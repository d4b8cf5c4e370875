using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>
/// A group under a guardian: the limiter refuses a withdrawal, accepts it after the refill, and a restart later it is given again and not paid for twice.
/// </summary>
/// <param name="add">Takes a line of the table.</param>
internal sealed class DemoGuardian(GroupId group, DemoClock clock, Action<string, string, SignedMessage?> add)
{
    private const ulong CapacitySat = 60_000;
    private const ulong RefillSatPerSecond = 10;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly (string Id, DemoPayment Payment)[] _withdrawals = [("withdrawal-a", NewPayment(group)), ("withdrawal-b", NewPayment(group))];
    private readonly Bytes64[] _signatures = new Bytes64[2];
    private GuardianView? _last;

    internal async Task LimitAsync(EmbeddedCluster cluster, CancellationToken cancellation)
    {
        GuardianRules rules = new(new LimiterWindow("demo", CapacitySat, RefillSatPerSecond), MaximumAge: 1800, MaximumSkew: 300, LooseningDelay: 86_400);
        await AskAsync(cluster, new GuardianCommand.Configure(rules), cancellation);
        add("guardian", $"a second group may sign {CapacitySat} sat at once and {RefillSatPerSecond} sat/s more", null);

        _signatures[0] = await WithdrawAsync(cluster, 0, static left => $"accepted as number 0; {left} sat are left", cancellation);
        SigningReport refused = await AskAsync(cluster, 1, cancellation);
        Refusal? refusal = (refused as SigningReport.Refused)?.Refusal;
        DemoRun.Require(refusal?.Code == GuardianRefusals.RateLimitedCode, $"The limiter did not refuse: {refused}");
        ulong at = ulong.Parse(refusal.Evidence["availableAt"], System.Globalization.CultureInfo.InvariantCulture);
        TimeSpan wait = DateTimeOffset.FromUnixTimeSeconds((long)at) - clock.GetUtcNow();
        add("limit", $"another {DemoPayment.AmountSat} sat refused; there will be enough in {Math.Ceiling(wait.TotalSeconds)} s", null);

        clock.Pass(wait);
        _signatures[1] = await WithdrawAsync(
            cluster, 1, left => $"accepted as number 1 after the refill (clocks set {wait.TotalSeconds:0} s ahead); {left} sat are left", cancellation);
        _last = await AskAsync(cluster, new GuardianCommand.Show(), cancellation);
        DemoRun.Require(_last.NextSequence == 2, $"The guardian counts {_last.NextSequence} withdrawals instead of 2.");
    }

    /// <summary>After a restart: the bucket is as it was, and the same requests get the same signatures.</summary>
    internal async Task RepeatAsync(EmbeddedCluster cluster, CancellationToken cancellation)
    {
        for (int number = 0; number < _withdrawals.Length; number++)
        {
            SigningReport.Signed signed = Signed(number, await AskAsync(cluster, number, cancellation));
            DemoRun.Require(signed.Messages[0].Signature == _signatures[number], "A repeated withdrawal has another signature.");
            add("repeat", $"{_withdrawals[number].Id} again: the same signature", signed.Messages[0]);
        }

        GuardianView now = await AskAsync(cluster, new GuardianCommand.Show(), cancellation);
        bool isSame = now.Head == _last!.Head && now.NextSequence == 2 && now.Tokens![0] < (ulong)DemoPayment.AmountSat;
        DemoRun.Require(isSame, "A repeated withdrawal was paid for again, or the bucket was full after the restart.");
        add("once", "no second debit: the guardian's chain has the same last record as before the restart", null);
    }

    /// <summary>To a key that is nobody's here.</summary>
    private static DemoPayment NewPayment(GroupId group) =>
        new(XOnlyPublicKey.Parse(group.X.AsSpan()), inputs: 1, scriptedInput: null, recipient: Taproot.ScriptPubKey(Point.Generator.XOnly));

    private async Task<Bytes64> WithdrawAsync(EmbeddedCluster cluster, int number, Func<ulong, string> happened, CancellationToken cancellation)
    {
        SigningReport.Signed signed = Signed(number, await AskAsync(cluster, number, cancellation));
        GuardianView view = await AskAsync(cluster, new GuardianCommand.Show(), cancellation);
        add("withdraw", $"{DemoPayment.AmountSat} sat {happened(view.Tokens![0])}", signed.Messages[0]);
        return signed.Messages[0].Signature!.Value;
    }

    private SigningReport.Signed Signed(int number, SigningReport report)
    {
        SigningReport.Signed? signed = report as SigningReport.Signed;
        DemoRun.Require(signed?.Transaction is not null, $"Withdrawal {_withdrawals[number].Id} did not end with a whole transaction: {report}");
        string? fault = _withdrawals[number].Payment.FindFault(signed.Transaction);
        DemoRun.Require(fault is null, fault!);
        return signed;
    }

    private Task<SigningReport> AskAsync(EmbeddedCluster cluster, int number, CancellationToken cancellation) => cluster.Desk.WithdrawAsync(
        group, SessionId.Parse(_withdrawals[number].Id), _withdrawals[number].Payment.ToPsbt(), approvals: null, timestamp: null, _patience, cancellation);

    private async Task<GuardianView> AskAsync(EmbeddedCluster cluster, GuardianCommand command, CancellationToken cancellation)
    {
        ServedGuardians coordinators = cluster.Guardians.First(static party => party.IsCoordinator);
        FromGuardian answer = await coordinators.Desk.AskAsync(new GuardianAddress(group), command, cancellation);
        return answer.Answer is GuardianAnswer.Granted { Reply: GuardianReply.Shown { View: var view } }
            ? view
            : throw new VerificationException($"The guardian did not answer: {answer.Answer}");
    }
}
