using SignerCluster.Actors.SigningSessions;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Participants;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime.Tests.Sessions;

/// <summary>
/// One seat of a 2-of-3 group on a node of its own: the real entity, vault and keeper over a journal that can fail. The other signer is
/// played by the bench, with nonces that it knows.
/// </summary>
internal sealed class SeatBench : IDisposable
{
    internal static readonly SeatId Other = new(1);
    private readonly SeatEntity _entity;
    private readonly bool _ownsGroup;

    internal SeatBench()
        : this(new TestGroup(2, 3), new FaultyJournal(), new ManualTime(), null, "s1", 0)
    {
        _ownsGroup = true;
    }

    private SeatBench(TestGroup group, FaultyJournal journal, ManualTime time, NonceVault? vault, string session, int seat)
    {
        (Group, Journal, Time, Session) = (group, journal, time, SessionId.Parse(session));
        Address = new SeatAddress(group.Id, Session, new SeatId(seat));
        Vault = vault ?? new NonceVault(new NonceVaultSettings { Capacity = 2 }, time);
        Request = group.Request(1);
        SeatKeeper keeper = new(Vault, (_, held) => group.ShareOf(held), group.Draw);
        _entity = new SeatEntity(Address, journal, Vault, keeper, _ => Standing ?? group.Standing, SealedStores.NoQuarantine, time);
    }

    internal TestGroup Group { get; }

    internal FaultyJournal Journal { get; }

    internal ManualTime Time { get; }

    internal NonceVault Vault { get; }

    internal SessionId Session { get; }

    internal SeatAddress Address { get; }

    internal SigningRequest Request { get; }

    /// <summary>What the operator says, when it is not the ordinary.</summary>
    internal Standing? Standing { get; set; }

    /// <summary>The same seat in a new process: the journal stays, memory is gone.</summary>
    internal SeatBench Restarted()
    {
        Vault.Dispose();
        return new SeatBench(Group, Journal, Time, null, Session.ToString(), Address.Seat.Value);
    }

    /// <summary>A second activation elsewhere: the same journal, another memory.</summary>
    internal SeatBench OnAnotherNode() => new(Group, Journal, Time, null, Session.ToString(), Address.Seat.Value);

    /// <summary>A second activation in this process: the same journal and the same vault.</summary>
    internal SeatBench Twin() => new(Group, Journal, Time, Vault, Session.ToString(), Address.Seat.Value);

    internal SeatBench ForSession(string session) => new(Group, Journal, Time, Vault, session, Address.Seat.Value);

    internal SeatBench ForSeat(int seat) => new(Group, Journal, Time, Vault, Session.ToString(), seat);

    internal async Task<IReadOnlyList<SeatAnswer>> AskAllAsync(params IReadOnlyList<SeatRequest> requests)
    {
        byte[] bytes = Message.Encode(requests, WireJson.Default.IReadOnlyListSeatRequest);
        ReadOnlyMemory<byte> reply = await _entity.HandleAsync(bytes, CancellationToken.None);
        Assert.True(
            Message.TryDecode(reply.Span, WireJson.Default.IReadOnlyListSeatAnswer, out IReadOnlyList<SeatAnswer>? answers, out Refusal? malformed),
            malformed?.ToString());
        return answers;
    }

    internal async Task<SeatAnswer> AskAsync(SeatRequest request) => Assert.Single(await AskAllAsync(request));

    internal async Task<ReadOnlyMemory<byte>> SendAsync(byte[] bytes) => await _entity.HandleAsync(bytes, CancellationToken.None);

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
    internal SigningPackage Package(int number, Commitment own)
    {
        using SecretNonce other = Group.DrawNonce();
        return Package(number, own, other.Commitment);
    }

    internal SigningPackage Package(int number, Commitment own, Commitment other) => new(
        Attempt(number), Request.Message, Request.Tweaks, SeatCommitments.From([(Address.Seat, own), (OtherThan(Address.Seat), other)]));

    /// <summary>Signs an attempt to its end with the other signer and returns what completes the session.</summary>
    internal async Task<SeatRequest.Complete> FinishAsync(int number)
    {
        Commitment own = (await AskAllAsync(Open(), Commit(number)))[1].Commitment();
        using SecretNonce nonce = Group.DrawNonce();
        SigningPackage package = Package(number, own, nonce.Commitment);
        Share share = (await AskAsync(new SeatRequest.SignShare(package))).Share();
        SessionValues values = package.Values(Group.Public).Value;
        Share others = Signing.Sign(nonce, Group.ShareOf(OtherThan(Address.Seat)), values).Value;
        Bytes64 signature = ShareAggregation.Aggregate(values, Address.Seat < OtherThan(Address.Seat) ? [share, others] : [others, share]).Value;
        return new SeatRequest.Complete(package.Attempt, signature);
    }

    internal bool Verifies(SigningPackage package, Share share) => Group.Verifies(package, Address.Seat, share);

    internal Task<string[]> ManifestsAsync() => Journal.ManifestsAsync(EntityAddress.Of(Address));

    public void Dispose()
    {
        Vault.Dispose();
        if (_ownsGroup)
        {
            Group.Dispose();
        }
    }

    private static SeatId OtherThan(SeatId seat) => seat == Other ? new SeatId(2) : Other;
}

/// <summary>What a test expects an answer to be.</summary>
internal static class Answers
{
    internal static Share Share(this SeatAnswer answer) => Assert.IsType<SeatReply.Signed>(Assert.IsType<SeatAnswer.Granted>(answer).Reply).Share;

    internal static Commitment Commitment(this SeatAnswer answer) =>
        Assert.IsType<SeatReply.Joined>(Assert.IsType<SeatAnswer.Granted>(answer).Reply).Commitment;

    internal static string RefusalCode(this SeatAnswer answer) => Assert.IsType<SeatAnswer.Refused>(answer).Refusal.Code;

    internal static string FaultCode(this SeatAnswer answer) => Assert.IsType<SeatAnswer.Failed>(answer).Code;

    internal static void IsAcknowledged(this SeatAnswer answer) => Assert.IsType<SeatReply.Acknowledged>(Assert.IsType<SeatAnswer.Granted>(answer).Reply);
}
