using System.Numerics;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Secp256k1;
using SignerCluster.Secp256k1.Tests;

namespace SignerCluster.Frost.Tests;

public sealed class TweakTests : FrostTests
{
    private static readonly Tweak _plain = new(Scalar.FromUInt64(7), TweakMode.Plain);
    private static readonly Tweak _xOnly = new(Scalar.FromUInt64(7), TweakMode.XOnly);

    private static Point Even => Point.Generator.HasEvenY ? Point.Generator : -Point.Generator;

    [Fact]
    public void Only_an_x_only_tweak_on_an_odd_key_flips_the_sign()
    {
        Assert.False(TweakedKey.Create(Even, [_plain]).Value.IsNegated);
        Assert.False(TweakedKey.Create(Even, [_xOnly]).Value.IsNegated);
        Assert.False(TweakedKey.Create(-Even, [_plain]).Value.IsNegated);
        TweakedKey flipped = TweakedKey.Create(-Even, [_xOnly]).Value;
        Assert.True(flipped.IsNegated);
        Assert.Equal(Even.AddGenerator(_xOnly.Value), flipped.Point);
        Assert.Equal(_xOnly.Value, flipped.TweakSum);
    }

    [Fact]
    public void A_flip_negates_what_was_accumulated_before() => SeededRuns.ForEach(20, static random =>
    {
        Point key = Point.FromScalar(CurveTwin.Scalar(random.NextInteger()));
        TweakedKey tweaked = TweakedKey.Create(key, [Round.NextTweak(random), Round.NextTweak(random), Round.NextTweak(random)]).Value;
        Assert.Equal(tweaked.Point, (tweaked.IsNegated ? -key : key).AddGenerator(tweaked.TweakSum));
        Assert.Equal(tweaked.Point.XOnly, tweaked.OutputKey);
        Assert.Equal(key, tweaked.GroupKey);
    });

    [Fact]
    public void A_tweak_of_zero_is_accepted()
    {
        Assert.Equal(Even, TweakedKey.Create(Even, [new Tweak(Scalar.Zero, TweakMode.Plain)]).Value.Point);
        TweakedKey lifted = TweakedKey.Create(-Even, [new Tweak(Scalar.Zero, TweakMode.XOnly)]).Value;
        Assert.Equal((Even, true, Scalar.Zero), (lifted.Point, lifted.IsNegated, lifted.TweakSum));
        Assert.True(Tweak.Parse(new byte[32], TweakMode.Plain).IsAccepted);
    }

    [Fact]
    public void A_tweak_of_the_order_or_above_and_one_of_another_length_are_refused()
    {
        Assert.Equal(FrostCode.TweakOutOfRange, Tweak.Parse(CurveTwin.Bytes(CurveTwin.N), TweakMode.Plain).Refusal.Code);
        Assert.Equal(FrostCode.TweakOutOfRange, Tweak.Parse(CurveTwin.Bytes((BigInteger.One << 256) - 1), TweakMode.XOnly).Refusal.Code);
        Assert.True(Tweak.Parse(CurveTwin.Bytes(CurveTwin.N - 1), TweakMode.Plain).IsAccepted);
        Assert.Equal(FrostCode.TweakLength, Tweak.Parse(new byte[31], TweakMode.Plain).Refusal.Code);
        Assert.Equal(FrostCode.TweakLength, Tweak.Parse(new byte[33], TweakMode.Plain).Refusal.Code);
    }

    [Fact]
    public void A_tweak_that_cancels_the_key_is_refused_at_its_index() => SeededRuns.ForEach(5, static random =>
    {
        Scalar secret = CurveTwin.Scalar(random.NextInteger());
        Scalar first = CurveTwin.Scalar(random.NextInteger());
        Tweak[] tweaks = [new(first, TweakMode.Plain), new(-(secret + first), TweakMode.Plain), _plain];
        FrostRefusal refusal = TweakedKey.Create(Point.FromScalar(secret), tweaks).Refusal;
        Assert.Equal((FrostCode.TweakedKeyInfinite, 1), (refusal.Code, refusal.BlamedIndex));
        ThresholdInfo group = ThresholdInfo.Create(1, 1, Point.FromScalar(secret), null).Value;
        Assert.Equal(refusal, group.Tweaked(tweaks).Refusal);
    });

    [Fact]
    public void Parallel_lists_are_refused_with_the_index_of_the_bad_tweak()
    {
        ReadOnlyMemory<byte> good = CurveTwin.Bytes(5);
        Assert.Equal(FrostCode.TweakCountMismatch, TweakedKey.Create(Even, [good], Array.Empty<TweakMode>()).Refusal.Code);
        FrostRefusal tooLarge = TweakedKey.Create(Even, [good, CurveTwin.Bytes(CurveTwin.N)], [TweakMode.Plain, TweakMode.Plain]).Refusal;
        Assert.Equal((FrostCode.TweakOutOfRange, 1), (tooLarge.Code, tooLarge.BlamedIndex));
        Assert.Throws<ArgumentException>(() => TweakedKey.Start(Point.Infinity));
    }

    [Fact]
    public void A_group_remembers_a_tweaked_key_and_answers_as_without_memory() => SeededRuns.ForEach(5, static random =>
    {
        Point key = Point.FromScalar(CurveTwin.Scalar(random.NextInteger()));
        ThresholdInfo group = ThresholdInfo.Create(1, 1, key, null).Value;
        Tweak[][] chains = [.. Enumerable.Range(0, 5).Select(length => Enumerable.Range(0, length).Select(_ => Round.NextTweak(random)).ToArray())];
        for (int call = 0; call < 60; call++)
        {
            Tweak[] chain = chains[random.Next(chains.Length)];
            Assert.Equal(TweakedKey.Create(key, chain).Value, group.Tweaked(chain).Value);
        }

        Assert.Same(group.Tweaked(chains[3]).Value, group.Tweaked([.. chains[3]]).Value);
        Assert.Equal(TweakedKey.Start(key), group.Tweaked([]).Value);
    });

    [Fact]
    public void A_remembered_key_does_not_answer_for_a_list_that_was_changed_since()
    {
        ThresholdInfo group = ThresholdInfo.Create(1, 1, -Even, null).Value;
        Tweak[] tweaks = [_plain];
        TweakedKey plain = group.Tweaked(tweaks).Value;
        tweaks[0] = _xOnly;
        Assert.NotEqual(plain, group.Tweaked(tweaks).Value);
        Assert.Equal(TweakedKey.Create(-Even, tweaks).Value, group.Tweaked(tweaks).Value);
        Assert.Equal(plain, group.Tweaked([_plain]).Value);
    }

    [Fact]
    public void Threads_that_share_a_group_each_get_the_key_they_asked_for()
    {
        ThresholdInfo group = ThresholdInfo.Create(1, 1, -Even, null).Value;
        TweakedKey[] expected = [TweakedKey.Create(-Even, [_plain]).Value, TweakedKey.Create(-Even, [_xOnly]).Value];
        Tweak[][] chains = [[_plain], [_xOnly]];
        Parallel.For(0, 2000, index => Assert.Equal(expected[index % 2], group.Tweaked(chains[index % 2]).Value));
    }
}
