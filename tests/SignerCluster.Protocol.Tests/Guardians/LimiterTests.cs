using System.Text.Json;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Protocol.Tests.Guardians;

/// <summary>The token buckets: published vectors, and the bound that holds over every window of time.</summary>
public class LimiterTests
{
    public static TheoryData<string> Names => [.. Vectors().Select(static vector => vector.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_vectors_hold(string name)
    {
        JsonElement vector = Vectors().Single(one => one.GetProperty("name").GetString() == name);
        Batch<LimiterWindow> windows = Batch.Of(vector.GetProperty("windows").EnumerateArray().Select(static window => new LimiterWindow(
            window.GetProperty("name").GetString()!, window.GetProperty("capacity").GetUInt64(), window.GetProperty("refillPerSecond").GetUInt64())));
        Limiter limiter = StateOf(vector.GetProperty("before"));
        foreach (JsonElement step in vector.GetProperty("steps").EnumerateArray())
        {
            Limiter? after = limiter.TryConsume(
                windows,
                step.GetProperty("sequence").GetUInt64(),
                step.GetProperty("timestamp").GetUInt64(),
                step.GetProperty("amount").GetUInt64(),
                out Refusal? refusal);
            string? expected = step.GetProperty("refused").GetString();
            Assert.Equal(expected, refusal?.Code);
            Assert.Equal(StateOf(step.GetProperty("after")), after ?? limiter);
            limiter = after ?? limiter;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void G4_Over_every_pair_of_accepted_withdrawals_the_debits_are_within_capacity_and_refill(int seed)
    {
        Random random = new(seed);
        for (int run = 0; run < 200; run++)
        {
            LimiterWindow window = new("w", (ulong)random.Next(1, 1000), (ulong)random.Next(0, 20));
            List<(ulong Time, ulong Debit)> accepted = [];
            Limiter limiter = Limiter.Full(window);
            ulong time = 0;
            for (int step = 0; step < 60; step++)
            {
                time += (ulong)random.Next(0, 30);
                ulong debit = (ulong)random.Next(1, 400);
                if (limiter.TryConsume(window, limiter.NextSequence, time, debit, out _) is { } after)
                {
                    Assert.True(after.Tokens[0] <= window.Capacity);
                    limiter = after;
                    accepted.Add((time, debit));
                }
            }

            for (int first = 0; first < accepted.Count; first++)
            {
                ulong sum = 0;
                for (int last = first; last < accepted.Count; last++)
                {
                    sum += accepted[last].Debit;
                    Assert.True(sum <= window.Capacity + (window.RefillPerSecond * (accepted[last].Time - accepted[first].Time)));
                }
            }
        }
    }

    private static List<JsonElement> Vectors()
    {
        byte[] json = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Guardians", "limiter.json"));
        return [.. JsonDocument.Parse(json).RootElement.GetProperty("vectors").EnumerateArray()];
    }

    private static Limiter StateOf(JsonElement state) => new(
        Batch.Of(state.GetProperty("tokens").EnumerateArray().Select(static tokens => tokens.GetUInt64())),
        state.GetProperty("lastUpdated").GetUInt64(),
        state.GetProperty("nextSequence").GetUInt64());
}
