using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>What was asked for on the command line.</summary>
/// <param name="First">The first seed.</param>
/// <param name="Last">The last seed, simulated too.</param>
/// <param name="Steps">Steps a seed, at least.</param>
/// <param name="Without">Fault kinds that do not happen.</param>
/// <param name="Orders">Clients place no more orders than this.</param>
/// <param name="StopsAtFirst">No further seed is begun once one has found something.</param>
/// <param name="Digests">Every seed's digest is shown.</param>
/// <param name="Trace">So many notable steps are kept.</param>
internal sealed record CommandLine(
    long First, long Last, int Steps, int Orders, IReadOnlySet<FaultKind> Without, bool Json, bool StopsAtFirst, bool Digests, int Trace)
{
    /// <summary>Is a finding made easier to read?</summary>
    internal bool Shrinks { get; private init; } = true;

    /// <summary>The parts of each seed that are run.</summary>
    internal IReadOnlyList<Part> Parts { get; private init; } = Enum.GetValues<Part>();

    internal const string Usage = """
        usage: signer simulate --seeds A..B [--steps N] [--json]

          --seeds A..B     the seeds to run, both ends included; one number for one seed
          --part P         pure: deciders in a plain loop; actors: the product's actors; both (the default): each seed plays one world of either
          --steps N        steps a seed, at least (default 2000, from 100 to 1000000), half as many in the pure part; faults stop after three quarters
          --json           one JSON object on stdout, nothing else
          --first          begin no further seed once one has found something
          --unshrunk       report what was found as it was found; replays of shrunk ones take longer than most runs
          --without a,b    faults that do not happen, as a report names them; together with --orders N this replays what a report says
          --orders N       clients place at most N orders
          --trace N        show the last N notable steps of a seed that found something (default 160)
          --digests        also show the digest of every seed: equal digests, equal runs
        """;

    private const int DefaultSteps = 2000;
    private const int DefaultTrace = 160;

    internal static bool TryParse(string[] args, [NotNullWhen(true)] out CommandLine? line, [NotNullWhen(false)] out string? wrong)
    {
        line = new CommandLine(0, -1, DefaultSteps, int.MaxValue, new HashSet<FaultKind>(), Json: false, StopsAtFirst: false, Digests: false, DefaultTrace);
        wrong = null;
        for (int position = 0; position < args.Length && wrong is null; position++)
        {
            string option = args[position];
            bool takesValue = option is "--seeds" or "--part" or "--steps" or "--without" or "--orders" or "--trace";
            string value = takesValue && position + 1 < args.Length ? args[++position] : string.Empty;
            (line, wrong) = line.With(option, value);
        }

        wrong ??= line.Last < line.First ? "--seeds A..B is needed, with A at most B." : null;
        return wrong is null;
    }

    private (CommandLine Line, string? Wrong) With(string option, string value) => option switch
    {
        "--seeds" when TryParseSeeds(value, out long first, out long last) => (this with { First = first, Last = last }, null),
        "--seeds" => (this, $"--seeds takes A..B with numbers that are not negative, such as 1..2000, not '{value}'."),
        "--part" when value == "both" => (this with { Parts = Enum.GetValues<Part>() }, null),
        "--part" when value is "pure" or "actors" => (this with { Parts = [value == "pure" ? Part.Pure : Part.Actors] }, null),
        "--part" => (this, $"--part takes pure, actors or both, not '{value}'."),
        "--steps" when TryParseNumber(value, out long steps) && steps is >= 100 and <= 1_000_000 => (this with { Steps = (int)steps }, null),
        "--steps" => (this, $"--steps takes a number from 100 to 1000000, not '{value}'."),
        "--orders" when TryParseNumber(value, out long orders) && orders is >= 1 and <= int.MaxValue => (this with { Orders = (int)orders }, null),
        "--orders" => (this, $"--orders takes a number of at least 1, not '{value}'."),
        "--trace" when TryParseNumber(value, out long trace) && trace is >= 1 and <= 1_000_000 => (this with { Trace = (int)trace }, null),
        "--trace" => (this, $"--trace takes a number from 1 to 1000000, not '{value}'."),
        "--without" => WithoutFaults(value),
        "--json" => (this with { Json = true }, null),
        "--first" => (this with { StopsAtFirst = true }, null),
        "--unshrunk" => (this with { Shrinks = false }, null),
        "--digests" => (this with { Digests = true }, null),
        _ => (this, $"'{option}' is not an option."),
    };

    private (CommandLine Line, string? Wrong) WithoutFaults(string value)
    {
        HashSet<FaultKind> without = [];
        foreach (string name in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!FaultNames.TryParse(name, out FaultKind kind))
            {
                return (this, $"'{name}' is not a fault. Faults are: {string.Join(", ", FaultNames.All.Select(FaultNames.Of))}.");
            }

            without.Add(kind);
        }

        return (this with { Without = without }, null);
    }

    /// <summary>What one seed of the range is simulated with.</summary>
    internal SimulationSettings For(Part part, long seed) => new(part, seed, Steps, Without, Orders, Trace);

    private static bool TryParseSeeds(string text, out long first, out long last)
    {
        string[] ends = text.Split("..");
        last = 0;
        return TryParseNumber(ends[0], out first) && ends.Length <= 2 && TryParseNumber(ends[^1], out last);
    }

    private static bool TryParseNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
