using System.Diagnostics;
using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

const int Clean = 0;
const int Broken = 1;
const int Usage = 2;
const int Interrupted = 3;
const int MostShrunk = 10;

if (args.Any(static word => word is "--help" or "-h" or "-?"))
{
    Console.Out.WriteLine(CommandLine.Usage);
    return Clean;
}

if (!CommandLine.TryParse(args, out CommandLine? line, out string? wrong))
{
    Screen.Complain(wrong, json: args.Contains("--json", StringComparer.Ordinal));
    return Usage;
}

Screen screen = new(line.Json);
Stopwatch clock = Stopwatch.StartNew();
SeedRange range = new(line);
// The first Ctrl-C lets the seeds under way finish and reports what was run; the second ends the process.
Console.CancelKeyPress += (_, pressed) => pressed.Cancel = range.Stop();
range.Run(() => screen.ShowProgress(line, range));
TimeSpan elapsed = clock.Elapsed;
List<Violation> violations = [];
foreach (SeedReport broken in range.Broken)
{
    SimulationSettings settings = line.For(broken.Part, broken.Seed);
    SeedReport shown = broken;
    if (line.Shrinks && violations.Count < MostShrunk)
    {
        screen.ShowShrinking(broken.Seed);
        (settings, shown) = Shrinking.Shrink(settings, broken);
    }

    violations.Add(Violation.Of(settings, shown));
}

screen.EndProgress();
RunReport report = RunReport.Of(line, range, violations, elapsed);
screen.Show(report);
return report.Violations.Count == 0 && range.IsStopped ? Interrupted : report.IsClean ? Clean : Broken;
