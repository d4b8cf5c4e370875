using System.Collections.Concurrent;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A dealt group. Made once per size and shared by all worlds: it never changes, and dealing costs more than a session.</summary>
internal sealed class TestGroup
{
    private static readonly (int Threshold, int Participants)[] _sizes = [(2, 3), (2, 3), (3, 4), (3, 5)];
    private static readonly ConcurrentDictionary<(int Threshold, int Participants), Lazy<TestGroup>> _dealt = new();
    private const int Payments = 24;
    private readonly Dealing _dealing;
    private readonly Lazy<Payment>[] _payments;
    private readonly Lazy<Covenant> _covenant;

    private TestGroup(int threshold, int participants)
    {
        byte[] entropy = [.. Enumerable.Repeat((byte)(16 * threshold + participants), 32)];
        _dealing = Dealer.Deal(entropy, threshold, participants).Value;
        Public = _dealing.Transcript.Verify().Value;
        Id = new GroupId(Public.GroupKey.XOnly);
        _covenant = new Lazy<Covenant>(() => new Covenant(Id));
        _payments = [.. Enumerable.Range(1, Payments).Select(number => new Lazy<Payment>(() => Simulated.Payment.Of(this, number)))];
    }

    internal ThresholdInfo Public { get; }

    internal GroupId Id { get; }

    internal Covenant Covenant => _covenant.Value;

    internal static TestGroup Choose(Choices choices) =>
        _dealt.GetOrAdd(choices.Pick(_sizes), static size => new Lazy<TestGroup>(() => new TestGroup(size.Threshold, size.Participants))).Value;

    internal SecretShare? ShareOf(GroupId group, SeatId seat) => group == Id ? _dealing.Shares[seat.Value] : null;

    internal Standing Standing(GroupId group, SeatSet held) =>
        group == Id ? new Standing(Public, held, GroupLifecycle.Active, AllowRaw: true, default) : Protocol.Standing.Unknown;

    /// <summary>The keys that signatures for the request verify under. Two lists of tweaks may lead to one key.</summary>
    internal Batch<XOnlyPublicKey> OutputKey(SigningRequest request) => Batch.Of(Public.Tweaked(request.Tweaks).Value.Select(static key => key.OutputKey));

    /// <summary>A request from a small set, so that sessions with equal messages and other tweaks, and the reverse, are common.</summary>
    internal SigningRequest Request(Choices choices)
    {
        int message = choices.Between(1, 3);
        int tweaks = choices.Below(4);
        // One in six has three messages, the first and the last the same, as a payment of many inputs may have.
        bool isBatch = message == 3 && tweaks >= 2;
        return new SigningRequest(
            Id,
            Batch.Of(((int[])[message, 1, message])[..(isBatch ? 3 : 1)].Select(Message)),
            Batch.Shared(((int[])[tweaks, 0, tweaks])[..(isBatch ? 3 : 1)].Select(Tweaks)),
            new PolicyArtefact.Raw());
    }

    /// <summary>A payment out of a small set, so that one transaction under two ids, and two under one, are common.</summary>
    internal Payment Payment(Choices choices) => _payments[choices.Below(_payments.Length)].Value;

    /// <summary>The payment that a request signs; null for a request that is none.</summary>
    internal Payment? PaymentOf(SigningRequest request) =>
        _payments.Select(static payment => payment.Value).FirstOrDefault(payment => payment.Request == request);

    private static Bytes32 Message(int number) => FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)number, 32)]);

    private static TweakList Tweaks(int kind) => kind switch
    {
        0 => TweakList.None,
        1 => new TweakList(new Tweak(Scalar.FromUInt64(11), TweakMode.XOnly)),
        2 => new TweakList(new Tweak(Scalar.FromUInt64(11), TweakMode.Plain)),
        _ => new TweakList(new Tweak(Scalar.FromUInt64(5), TweakMode.Plain), new Tweak(Scalar.FromUInt64(7), TweakMode.XOnly)),
    };
}
