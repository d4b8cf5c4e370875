using System.Collections.Immutable;
using SignerCluster.Protocol.KeyRing;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.KeyRing.KeyRingEvent, SignerCluster.Protocol.KeyRing.KeyRingEffect, SignerCluster.Protocol.KeyRing.KeyRingState>;

namespace SignerCluster.Protocol.Tests.Keys;

/// <summary>Given, when, then for a key ring.</summary>
internal sealed class KeyRingSpecification
{
    internal static readonly KeyId Kek = new(0xaa);
    internal static readonly KeyId OtherKek = new(0xbb);
    private Decision? _decision;

    internal ImmutableList<KeyRingEvent> History { get; private set; } = [];

    internal KeyRingState State => History.Aggregate(KeyRingState.Empty, KeyRingDecider.Decider.Evolve);

    /// <summary>The ring of the reply, which the asker takes for the truth.</summary>
    internal KeyRingState Replied => Assert.IsType<Decision.Accepted>(_decision).Reply;

    internal static KeyRingCommand.Rotate Rotation(int epoch, KeyId? kek = null) => new(epoch, new KeyId((ulong)epoch), kek ?? Kek, Wrapped(epoch), 10);

    internal static ByteString Wrapped(int epoch) => ByteString.From([(byte)epoch]);

    internal static KeyRingEvent[] Rotated(int epoch) =>
    [
        new KeyRingEvent.KeyAdded(epoch, new KeyId((ulong)epoch), Kek, Wrapped(epoch)),
        new KeyRingEvent.KeyActivated(epoch),
        new KeyRingEvent.MessagesReserved(epoch, 10),
    ];

    internal KeyRingSpecification Given(params IEnumerable<KeyRingEvent> events)
    {
        History = History.AddRange(events);
        return this;
    }

    internal KeyRingSpecification GivenRotations(int epochs) => Given(Enumerable.Range(1, epochs).SelectMany(Rotated));

    internal KeyRingSpecification When(KeyRingCommand command)
    {
        _decision = KeyRingDecider.Decide(State, command);
        return _decision is Decision.Accepted accepted ? Given(accepted.Events) : this;
    }

    internal KeyRingSpecification Then(params KeyRingEvent[] events)
    {
        Assert.Equal(events, Assert.IsType<Decision.Accepted>(_decision).Events);
        Assert.Equal(State.WrappedUnder, Replied.WrappedUnder);
        Assert.Equal(State.Keys, Replied.Keys);
        return this;
    }

    internal void ThenRefused(string code) => Assert.Equal(code, Assert.IsType<Decision.Refused>(_decision).Refusal.Code);
}
