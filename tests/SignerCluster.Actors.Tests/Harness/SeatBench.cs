using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>
/// One seat of a 2-of-3 group in a process of its own: the real actor, vault and keeper over a journal that can fail. The other signer is played by the bench,
/// with nonces that it knows.
/// </summary>
internal sealed class SeatBench : IDisposable
{
    internal static readonly SeatId Other = new(1);
    internal static readonly TimeSpan Expiry = TimeSpan.FromHours(24);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ActorsTest _test;
    private readonly bool _ownsGroup;
    private readonly Setting _setting;

    internal SeatBench(ActorsTest test, string? plugin = null)
        : this(test, new TestGroup(2, 3), new FaultyJournal(), new ManualTime(), null, "s1", 0, plugin)
    {
        _ownsGroup = true;
    }

    private SeatBench(
        ActorsTest test, TestGroup group, FaultyJournal journal, ManualTime time, Setting? setting, string session, int seat, string? plugin = null)
    {
        (_test, Group, Journal, Time, Session) = (test, group, journal, time, SessionId.Parse(session));
        Address = new SeatAddress(group.Id, Session, new SeatId(seat));
        Request = group.Request(1);
        _setting = setting ?? NewSetting(null, ActorsTest.Party, plugin);
    }

    internal TestGroup Group { get; }

    internal FaultyJournal Journal { get; }

    /// <summary>The vault's clock; the timers of actors have the test's.</summary>
    internal ManualTime Time { get; }

    internal NonceVault Vault => _setting.Vault;

    internal Quarantine Quarantine => _setting.Quarantine;

    internal LocalRegion Region => _setting.Region;

    internal SessionId Session { get; }

    internal SeatAddress Address { get; }

    internal EntityId Id => EntityAddress.Of(Address);

    internal SigningRequest Request { get; }

    /// <summary>What was done with secrets.</summary>
    internal WatchedSteps Steps => _setting.Steps;

    /// <summary>What the operator says.</summary>
    internal Func<Standing> Standing
    {
        get => _setting.Standing;
        set => _setting.Standing = value;
    }

    /// <summary>The same seat in a new process: the journal stays, memory is gone.</summary>
    internal SeatBench Restarted()
    {
        Vault.Dispose();
        return With(null, Session.ToString(), Address.Seat.Value);
    }

    /// <summary>A second activation elsewhere: the same journal, another memory.</summary>
    internal SeatBench OnAnotherNode() => With(NewSetting(null, ActorsTest.AnotherNode), Session.ToString(), Address.Seat.Value);

    /// <summary>A second activation in this process: the same journal and the same vault.</summary>
    internal SeatBench Twin() => With(NewSetting(Vault, ActorsTest.AnotherNode), Session.ToString(), Address.Seat.Value);

    internal SeatBench ForSession(string session) => With(_setting, session, Address.Seat.Value);

    internal SeatBench ForSeat(int seat) => With(_setting, Session.ToString(), seat);

    internal ToSeat Message(params IReadOnlyList<SeatRequest> requests) => new(Id, Address, requests, 7);

    /// <summary>Asks, and again when the message was lost with an activation, as a coordinator does.</summary>
    internal async Task<IReadOnlyList<SeatAnswer>> AskAllAsync(params IReadOnlyList<SeatRequest> requests)
    {
        for (int tries = 0; tries < 100_000; tries++)
        {
            // An activation that ends needs a thread too.
            await Task.Yield();
            FromSeat answer = await Region.Ref.Ask<FromSeat>(Message(requests), _patience);
            Assert.Equal((Address, 7), (answer.Seat, answer.Ask));
            if (answer.Answers[0] is not SeatAnswer.Failed { Code: JournalException.EntityFailedCode, IsTransient: true })
            {
                return answer.Answers;
            }
        }

        throw new InvalidOperationException("The seat's activations end without an answer.");
    }

    internal async Task<SeatAnswer> AskAsync(SeatRequest request) => Assert.Single(await AskAllAsync(request));

    internal SeatRequest Open() => new SeatRequest.Open(Request);

    internal AttemptContext Attempt(int number) => AttemptContext.Derive(Session, Request, number, Group.Public.Seats);

    internal SeatRequest Commit(int number) => new SeatRequest.Commit(Attempt(number));

    /// <summary>Opens the session, joins the attempt, and makes a package of the commitment that the seat gave.</summary>
    internal async Task<SigningPackage> JoinAsync(int number)
    {
        IReadOnlyList<SeatAnswer> answers = await AskAllAsync(Open(), Commit(number));
        return Package(number, answers[1].Commitment());
    }

    /// <summary>A package with a fresh commitment of the other signer, so that two packages for one commitment differ.</summary>
    internal SigningPackage Package(int number, Batch<Commitment> own)
    {
        using SecretNonce other = Group.DrawNonce();
        return Package(number, own, other.Commitment);
    }

    internal SigningPackage Package(int number, Batch<Commitment> own, Batch<Commitment> other) => new(
        Attempt(number), Request.Message, Request.Tweaks, SeatCommitments.From([(Address.Seat, own), (OtherThan(Address.Seat), other)]));

    /// <summary>Signs an attempt to its end with the other signer and returns what completes the session.</summary>
    internal async Task<SeatRequest.Complete> FinishAsync(int number)
    {
        Commitment own = (await AskAllAsync(Open(), Commit(number)))[1].Commitment();
        using SecretNonce nonce = Group.DrawNonce();
        SigningPackage package = Package(number, own, nonce.Commitment);
        Share share = (await AskAsync(new SeatRequest.SignShare(package))).Share();
        SessionValues values = package.Values(Group.Public).Value.Single;
        Share others = Signing.Sign(nonce, Group.ShareOf(OtherThan(Address.Seat)), values).Value;
        Bytes64 signature = ShareAggregation.Aggregate(values, Address.Seat < OtherThan(Address.Seat) ? [share, others] : [others, share]).Value;
        return new SeatRequest.Complete(package.Attempt, signature);
    }

    internal bool Verifies(SigningPackage package, Share share) => Group.Verifies(package, Address.Seat, share);

    internal Task<string[]> ManifestsAsync() => Journal.ManifestsAsync(Id);

    public void Dispose()
    {
        Vault.Dispose();
        if (_ownsGroup)
        {
            Group.Dispose();
        }
    }

    private static SeatId OtherThan(SeatId seat) => seat == Other ? new SeatId(2) : Other;

    private SeatBench With(Setting? setting, string session, int seat) => new(_test, Group, Journal, Time, setting, session, seat);

    private Setting NewSetting(NonceVault? vault, string party, string? plugin = null)
    {
        Setting setting = new(vault ?? new NonceVault(new NonceVaultSettings { Capacity = 2 }, Time), SealedStores.NoQuarantine);
        setting.Steps = new WatchedSteps(new SeatKeeper(setting.Vault, (_, held) => Group.ShareOf(held), Group.Draw));
        setting.Standing = () => Group.Standing;
        SeatParts parts = new(
            plugin ?? _test.PluginOver(Journal, party), setting.Vault, setting.Steps, _test.NoGuardians, _ => setting.Standing(), setting.Quarantine, Expiry);
        setting.Region = _test.Region(id => SigningSessionActor.Props(id, parts));
        return setting;
    }

    /// <summary>What a process has in memory.</summary>
    private sealed class Setting(NonceVault vault, Quarantine quarantine)
    {
        internal NonceVault Vault => vault;

        internal Quarantine Quarantine => quarantine;

        internal LocalRegion Region { get; set; } = null!;

        internal WatchedSteps Steps { get; set; } = null!;

        internal Func<Standing> Standing { get; set; } = null!;
    }
}

/// <summary>What a test expects an answer to be.</summary>
internal static class Answers
{
    internal static Share Share(this SeatAnswer answer) => Assert.IsType<SeatReply.Signed>(Assert.IsType<SeatAnswer.Granted>(answer).Reply).Share.Single;

    internal static Commitment Commitment(this SeatAnswer answer) =>
        Assert.IsType<SeatReply.Joined>(Assert.IsType<SeatAnswer.Granted>(answer).Reply).Commitment.Single;

    internal static string RefusalCode(this SeatAnswer answer) => Assert.IsType<SeatAnswer.Refused>(answer).Refusal.Code;

    internal static string FaultCode(this SeatAnswer answer) => Assert.IsType<SeatAnswer.Failed>(answer).Code;

    internal static void IsAcknowledged(this SeatAnswer answer) => Assert.IsType<SeatReply.Acknowledged>(Assert.IsType<SeatAnswer.Granted>(answer).Reply);
}
