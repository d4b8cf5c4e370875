namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// The token buckets of a guardian at the moment of the last debit. Whole satoshis and whole seconds only, so there is no rounding to remember: what is not a
/// whole second yet is earned later.
/// </summary>
/// <param name="Tokens">What each window of the rules holds, in their order; never more than its capacity (G3).</param>
/// <param name="LastUpdated">Unix seconds of the last debit or change of rules.</param>
/// <param name="NextSequence">The number of the next withdrawal; they count 0, 1, 2….</param>
public sealed record Limiter(Batch<ulong> Tokens, ulong LastUpdated, ulong NextSequence)
{
    /// <summary>Full buckets that were never used.</summary>
    internal static Limiter Full(Batch<LimiterWindow> windows) => new(Batch.Of(windows.Select(static window => window.Capacity)), 0, 0);

    /// <summary>What each window holds at a time; before the last update nothing more than it held then.</summary>
    public Batch<ulong> TokensAt(Batch<LimiterWindow> windows, ulong time)
    {
        ulong elapsed = time > LastUpdated ? time - LastUpdated : 0;
        return Batch.Of(windows.Select((window, index) => window.Refill(Tokens[index], elapsed)));
    }

    /// <summary>
    /// The buckets after a debit. The first check that fails answers: sequence, then time, then the windows in their order. A refusal changes nothing, not even
    /// the refill (G5).
    /// </summary>
    internal Limiter? TryConsume(Batch<LimiterWindow> windows, ulong sequence, ulong time, ulong amount, out Refusal? refusal)
    {
        Batch<ulong> tokens = TokensAt(windows, time);
        refusal = CheckOrder(sequence, time) ?? CheckWindows(windows, tokens, time, amount);
        return refusal is null ? new Limiter(Batch.Of(tokens.Select(held => held - amount)), time, sequence + 1) : null;
    }

    /// <summary>
    /// The buckets under other rules from a time on. What was earned until then was earned under the old ones; a lower capacity clamps and a higher one gives
    /// nothing; a window that is new is full.
    /// </summary>
    internal Limiter Adopt(Batch<LimiterWindow> before, Batch<LimiterWindow> after, ulong time)
    {
        Batch<ulong> earned = TokensAt(before, time);
        Dictionary<string, ulong> held = Enumerable.Range(0, before.Count).ToDictionary(index => before[index].Name, index => earned[index]);
        return this with
        {
            Tokens = Batch.Of(after.Select(window => Math.Min(window.Capacity, held.GetValueOrDefault(window.Name, window.Capacity)))),
            LastUpdated = Math.Max(time, LastUpdated),
        };
    }

    private Refusal? CheckOrder(ulong sequence, ulong time) => this switch
    {
        _ when sequence != NextSequence => GuardianRefusals.SequenceMismatch(NextSequence, sequence),
        { NextSequence: ulong.MaxValue } => GuardianRefusals.SequenceExhausted,
        _ when time < LastUpdated => GuardianRefusals.TimeBackwards(LastUpdated, time),
        _ => null,
    };

    private static Refusal? CheckWindows(Batch<LimiterWindow> windows, Batch<ulong> tokens, ulong time, ulong amount)
    {
        for (int index = 0; index < windows.Count; index++)
        {
            if (amount > windows[index].Capacity)
            {
                return GuardianRefusals.TooLarge(windows[index], amount);
            }

            if (amount > tokens[index])
            {
                return GuardianRefusals.RateLimited(windows[index], tokens[index], time, amount);
            }
        }

        return null;
    }
}
