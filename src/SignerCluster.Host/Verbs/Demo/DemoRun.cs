using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Requests;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Frost;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>One demonstration on an empty directory. Throws <see cref="VerificationException"/> as soon as something is not as it must be.</summary>
internal sealed class DemoRun(string data)
{
    private const int Threshold = 2;
    private const int Participants = 3;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly List<DemoStep> _steps = [];
    private readonly List<DemoCulprit> _culprits = [];
    private readonly Stopwatch _total = Stopwatch.StartNew();
    private readonly Stopwatch _step = Stopwatch.StartNew();
    private readonly MischiefPlan _mischief = new();
    private readonly DemoClock _clock = new();
    private RegistrySettings? _registry;

    internal async Task<DemoDocument> RunAsync(CancellationToken cancellation)
    {
        (GroupId group, GroupId guarded) = await MakeGroupsAsync();
        using DemoCovenant covenant = new(group, (step, happened, signature) => Add(step, happened, attempts: null, signature));
        _registry = covenant.MakeRegistry(data, _clock);
        Transaction paid;
        DemoPayment interrupted = new(KeyOf(group), inputs: 1, scriptedInput: null);
        DemoGuardian guardian = new(guarded, _clock, (step, happened, signed) => Add(step, happened, signed?.Attempts, signed?.Signature));
        await using (RunningCluster running = await StartAsync(cancellation))
        {
            Add("start", $"a coordinator and {Participants} participants, each with a SQLite journal of its own");
            paid = await PayAsync(running.Cluster, group, cancellation);
            await PayDespiteMischiefAsync(running, group, cancellation);
            await covenant.SpendAsync(running.Cluster, cancellation);
            await guardian.LimitAsync(running.Cluster, cancellation);
            await LeaveOpenAsync(running.Cluster, group, interrupted, cancellation);
        }

        Add("stop", "the whole cluster stopped with that session open");
        await ResumeAsync(group, interrupted, guardian, cancellation);
        string address = SegwitAddress.PayToTaproot(Network.Mainnet, Taproot.OutputKey(KeyOf(group), merkleRoot: null));
        return new DemoDocument(
            group.ToString(), address, Threshold, Participants, Verified: true, _steps, _culprits, paid.Txid.ToString(),
            Convert.ToHexStringLower(paid.ToBytes()), Milliseconds(_total));
    }

    private async Task<(GroupId Plain, GroupId Guarded)> MakeGroupsAsync()
    {
        using DataDirectory directory = DataDirectory.Hold(data);
        GroupId plain = (await Wiring.CreateGroupAsync(directory, Threshold, Participants)).Value;
        GroupId guarded = (await Wiring.CreateGroupAsync(directory, Threshold, Participants)).Value;
        Add("keygen", $"two {Threshold}-of-{Participants} groups; every participant checked and sealed its shares");
        return (plain, guarded);
    }

    private Task<RunningCluster> StartAsync(CancellationToken cancellation)
    {
        EmbeddedClusterSettings settings = new() { Interpose = links => Akka.Actor.Props.Create(() => new Mischief(links, _mischief)) };
        return Wiring.StartAsync(data, new ClusterSettings { Embedded = settings, Time = _clock, Registry = _registry }, NullLoggerFactory.Instance, cancellation);
    }

    private async Task<Transaction> PayAsync(EmbeddedCluster cluster, GroupId group, CancellationToken cancellation)
    {
        const int ScriptedInput = 1;
        const int DerivedInput = 2;
        DemoPayment payment = new(KeyOf(group), inputs: 3, ScriptedInput, DerivedInput);
        Transaction transaction = await SignAsync(cluster, group, "payment", payment, Remark, cancellation);
        Add("verify", "all signatures against sighashes computed anew; every witness is complete");
        return transaction;

        static string Remark(int input) => input switch
        {
            ScriptedInput => ", which has a script tree too",
            DerivedInput => ", which spends from a derived address",
            _ => string.Empty,
        };
    }

    private async Task PayDespiteMischiefAsync(RunningCluster running, GroupId group, CancellationToken cancellation)
    {
        CoordinatorAddress session = new(group, SessionId.Parse("mischief"));
        _mischief.Spoil(session, async () =>
        {
            await running.Cluster.StopParticipantAsync(MischiefPlan.Restarter.Value);
            running.Cluster.StartParticipant(MischiefPlan.Restarter.Value);
        });
        DemoPayment payment = new(KeyOf(group), inputs: 1, scriptedInput: null);
        string happened = $", while seat {MischiefPlan.Liar} lied and seat {MischiefPlan.Restarter} restarted between commitment and share";
        await SignAsync(running.Cluster, group, session.Session.ToString(), payment, _ => happened, cancellation);
        Require(_mischief.Restarts == 1, $"Seat {MischiefPlan.Restarter} was not restarted mid-round.");

        SessionView view = (await new SessionReader(running.CoordinatorJournal).ReadAsync(session, cancellation))!;
        Require(view.Culprits is [{ } only] && only.Seat == MischiefPlan.Liar, $"The culprits are not exactly seat {MischiefPlan.Liar}.");
        ThresholdInfo publicGroup = running.Cluster.Groups.StandingOf(group).Group!;
        Require(view.Culprits[0].Certificate.Proves(publicGroup), "The blame certificate does not prove the lie.");
        _culprits.Add(
            new DemoCulprit(MischiefPlan.Liar.Value, JsonSerializer.SerializeToElement(view.Culprits[0].Certificate, WireJson.Default.BlameCertificate)));
        Add("blame", $"seat {MischiefPlan.Liar} is the culprit, proved by a certificate that verifies offline; nobody else is blamed");
    }

    private async Task LeaveOpenAsync(EmbeddedCluster cluster, GroupId group, DemoPayment payment, CancellationToken cancellation)
    {
        await cluster.StopParticipantAsync(0);
        await cluster.StopParticipantAsync(1);
        SigningReport report =
            await cluster.Desk.SignPsbtAsync(group, SessionId.Parse("interrupted"), payment.ToPsbt(), approvals: null, TimeSpan.Zero, cancellation);
        Require(report is SigningReport.Running, "A session finished without a quorum.");
        Add("open", $"a session was accepted while {Threshold} of {Participants} participants were down");
    }

    private async Task ResumeAsync(GroupId group, DemoPayment payment, DemoGuardian guardian, CancellationToken cancellation)
    {
        await using RunningCluster running = await StartAsync(cancellation);
        Require(running.Cluster.Resumed == 1, $"{running.Cluster.Resumed} sessions were resumed instead of 1.");
        Add("restart", "the cluster started on the same directory and resumed 1 session");
        await SignAsync(running.Cluster, group, "interrupted", payment, static _ => ", the session that was open", cancellation);
        await guardian.RepeatAsync(running.Cluster, cancellation);
    }

    /// <summary>Signs, checks the finished transaction and adds one line for each input.</summary>
    private async Task<Transaction> SignAsync(
        EmbeddedCluster cluster, GroupId group, string session, DemoPayment payment, Func<int, string> remark, CancellationToken cancellation)
    {
        SigningReport report = await cluster.Desk.SignPsbtAsync(group, SessionId.Parse(session), payment.ToPsbt(), approvals: null, _patience, cancellation);
        SigningReport.Signed? signed = report as SigningReport.Signed;
        Require(signed?.Transaction is not null, $"Session {session} did not end with a whole transaction: {report}");
        string? fault = payment.FindFault(signed!.Transaction!);
        Require(fault is null, fault!);
        foreach (SignedMessage message in signed.Messages)
        {
            Add("sign", $"input {message.InputIndex} of {signed.Messages.Count}{remark(message.InputIndex!.Value)}", message.Attempts, message.Signature);
        }

        return signed.Transaction!;
    }

    private static XOnlyPublicKey KeyOf(GroupId group) => XOnlyPublicKey.Parse(group.X.AsSpan());

    internal static void Require([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new VerificationException(otherwise);
        }
    }

    private void Add(string step, string happened, int? attempts = null, Bytes64? signature = null)
    {
        _steps.Add(new DemoStep(step, happened, attempts, signature?.ToString(), Milliseconds(_step)));
        _step.Restart();
    }

    private static double Milliseconds(Stopwatch watch) => Math.Round(watch.Elapsed.TotalMilliseconds, 1);
}
