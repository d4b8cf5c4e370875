namespace SignerCluster.Protocol.Guardian;

/// <summary>What a guardian holds withdrawals to. All times are whole seconds.</summary>
/// <param name="Windows">A withdrawal must fit into each of them; 1..8.</param>
/// <param name="MaximumAge">How old a withdrawal's timestamp may be when a party first hears of it. Bounds what can be earned by dating back.</param>
/// <param name="MaximumSkew">How far a timestamp may be ahead of a party's clock.</param>
/// <param name="LooseningDelay">How long a change that allows more is announced before it holds. What allows less holds at once.</param>
public sealed record GuardianRules(Batch<LimiterWindow> Windows, ulong MaximumAge, ulong MaximumSkew, ulong LooseningDelay)
{
    public const int MaximumWindows = 8;

    /// <summary>Ten years: longer is a slip of the pen.</summary>
    public const ulong MaximumSeconds = 315_360_000;

    /// <summary>Does it allow anything that the other rules do not? Judged field by field, so a change both ways is looser.</summary>
    public bool IsLooserThan(GuardianRules other) =>
        MaximumAge > other.MaximumAge
        || MaximumSkew > other.MaximumSkew
        || LooseningDelay < other.LooseningDelay
        || other.Windows.Any(window => Find(window.Name) is not { } own || own.IsLooserThan(window));

    /// <summary>The first rule of rules that is broken; null when they can be used.</summary>
    internal Refusal? Check() => this switch
    {
        { Windows.Count: > MaximumWindows } => GuardianRefusals.RulesInvalid($"there are at most {MaximumWindows} windows"),
        _ when Windows.Any(static window => !IsName(window.Name)) =>
            GuardianRefusals.RulesInvalid($"a window's name is 1..{LimiterWindow.MaximumNameLength} characters of a-z 0-9 _ -"),
        _ when Windows.DistinctBy(static window => window.Name).Count() < Windows.Count => GuardianRefusals.RulesInvalid("two windows have one name"),
        _ when Windows.Any(static window => window.Capacity == 0) => GuardianRefusals.RulesInvalid("a window's capacity is at least 1 satoshi"),
        { MaximumAge: 0 or > MaximumSeconds } => GuardianRefusals.RulesInvalid($"maximumAge is 1..{MaximumSeconds} seconds"),
        { MaximumSkew: > MaximumSeconds } => GuardianRefusals.RulesInvalid($"maximumSkew is 0..{MaximumSeconds} seconds"),
        { LooseningDelay: > MaximumSeconds } => GuardianRefusals.RulesInvalid($"looseningDelay is 0..{MaximumSeconds} seconds"),
        _ => null,
    };

    private LimiterWindow? Find(string name) => Windows.FirstOrDefault(window => window.Name == name);

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= LimiterWindow.MaximumNameLength
        && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');
}
