using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SignerCluster.Frost;
using SignerCluster.Frost.Aggregation;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>A real t-of-n group dealt from fixed entropy, and everything about one session of it that is right by default.</summary>
internal sealed class Party
{
    private static readonly ConcurrentDictionary<(int T, int N, string Name), Dealing> _dealings = new();
    private readonly Dealing _dealing;

    private Party(Dealing dealing)
    {
        _dealing = dealing;
        Group = dealing.Transcript.Verify().Value;
    }

    internal ThresholdInfo Group { get; }

    internal GroupId Id => new(Group.GroupKey.XOnly);

    internal SessionId Session { get; init; } = SessionId.Parse("payout-1");

    internal SigningRequest Request { get => field ??= new SigningRequest(Id, Hash("message"), TweakList.None, new PolicyArtefact.Raw()); init; }

    internal Standing Standing => new(Group, Group.Seats, GroupLifecycle.Active, AllowRaw: true, default);

    internal CoordinatorAddress Coordinator => new(Id, Session);

    internal static Party Of(int threshold, int participants, string name = "group") => new(_dealings.GetOrAdd(
        (threshold, participants, name), static key => Dealer.Deal(Hash(key.Name).AsSpan(), key.T, key.N).Value));

    internal static Bytes32 Hash(string text) => FixedBytes.From<Bytes32>(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    internal static SeatId Seat(int number) => new(number);

    internal static SeatSet Seats(params int[] numbers) => SeatSet.Of([.. numbers.Select(Seat)]);

    internal static Tweak Tweak(ulong value, TweakMode mode = TweakMode.XOnly) => new(Scalar.FromUInt64(value), mode);

    internal Party WithTweaks(params Tweak[] tweaks) => new(_dealing) { Session = Session, Request = Request with { Tweaks = new TweakList(tweaks) } };

    internal Party With(SigningRequest request) => new(_dealing) { Session = Session, Request = request };

    internal SeatAddress Address(int seat) => Coordinator.At(Seat(seat));

    internal SecretShare Share(SeatId seat) => _dealing.Shares[seat.Value];

    internal AttemptContext Attempt(int number, params int[] included) =>
        AttemptContext.Derive(Session, Request, number, included.Length == 0 ? Group.Seats : Seats(included));

    /// <summary>A package over commitments that the other seats draw for this attempt and the given own one.</summary>
    internal SigningPackage Package(AttemptContext attempt, SeatId own, Batch<Commitment> commitment, params int[] signers)
    {
        IEnumerable<SeatId> seats = signers.Length == 0
            ? Group.Seats.Where(seat => seat != own).Take(Group.Threshold - 1).Append(own)
            : signers.Select(Seat);
        return new SigningPackage(
            attempt, Request.Message, Request.Tweaks, SeatCommitments.From(seats.Select(seat => (seat, seat == own ? commitment : Commitment(attempt, seat)))));
    }

    /// <summary>What a seat that starts afresh commits to an attempt.</summary>
    internal Batch<Commitment> Commitment(AttemptContext attempt, SeatId seat, int drawn = 0) => Batch.Of(Request.Message.Select((_, message) =>
    {
        using SecretNonce nonce = Nonce(attempt.Id, seat, drawn, message);
        return nonce.Commitment;
    }));

    /// <summary>Deterministic, so that a nonce can be had again: only a fake may do that.</summary>
    internal SecretNonce Nonce(AttemptId attempt, SeatId seat, int drawn, int message = 0) =>
        NonceGeneration.Generate(Hash($"{Id}/{Session}/{attempt}/{seat}/{drawn}{(message == 0 ? string.Empty : $"/{message}")}").AsSpan(), Share(seat));

    /// <summary>The right share of a seat for a package that was built from <see cref="Commitment(AttemptContext, SeatId, int)"/>.</summary>
    internal Batch<Share> ShareOf(SigningPackage package, int seat, int drawn = 0) => Sign(package.Attempt, package.Values(Group).Value, Seat(seat), drawn);

    internal Batch<Share> Sign(AttemptContext attempt, Batch<SessionValues> values, SeatId seat, int drawn) => Batch.Of(values.Select((one, message) =>
    {
        using SecretNonce nonce = Nonce(attempt.Id, seat, drawn, message);
        return Signing.Sign(nonce, Share(seat), one).Value;
    }));

    /// <summary>The signatures of the whole group, made without any session.</summary>
    internal Batch<Bytes64> Signature(SigningRequest? request = null)
    {
        AttemptContext attempt = Attempt(999);
        SigningPackage package = new(
            attempt,
            (request ?? Request).Message,
            (request ?? Request).Tweaks,
            SeatCommitments.From(Group.Seats.Take(Group.Threshold).Select(seat => (seat, Commitment(attempt, seat)))));
        Batch<Share>[] shares = [.. package.Commitments.Seats.Select(seat => ShareOf(package, seat.Value))];
        return Batch.Of(package.Values(Group).Value.Select((values, message) =>
            ShareAggregation.Aggregate(values, [.. shares.Select(share => share[message])]).Value));
    }

    internal bool Verifies(Batch<Bytes64> signature) => signature.Count == Request.Message.Count && signature.Select((one, message) =>
        Bip340.Verify(TweakedKey.Create(Group.GroupKey, Request.Tweaks.For(message)).Value.OutputKey, Request.Message[message].AsSpan(), one))
            .All(static valid => valid);
}
