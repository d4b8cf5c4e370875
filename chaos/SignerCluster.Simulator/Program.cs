using SignerCluster.Simulator;
var sw = System.Diagnostics.Stopwatch.StartNew();
long from = long.Parse(args[0]), to = long.Parse(args[1]);
int steps = int.Parse(args[2]);
long total = 0; int bad = 0;
Coverage coverage = new();
int[] faults = new int[FaultNames.All.Count];
for (long s = from; s <= to; s++)
{
    SeedReport r = Simulation.Run(new SimulationSettings(s, steps, new HashSet<FaultKind>()));
    total += r.Steps;
    coverage.Add(r.Coverage);
    for (int i = 0; i < faults.Length; i++) faults[i] += r.Faults[i];
    if (args.Length > 4) Console.WriteLine($"{s} {r.Steps} {r.Digest:x16}");
    if (r.Finding is not null)
    {
        bad++;
        Console.WriteLine($"seed {s} step {r.Steps}: {r.Finding.Invariant} {r.Finding.Message}");
        if (args.Length > 3) foreach (var l in r.Trace) Console.WriteLine("   " + l);
    }
}
Console.WriteLine($"{total} steps {total / sw.Elapsed.TotalSeconds:F0}/s bad {bad}");
foreach (var k in FaultNames.All) Console.Write($"{FaultNames.Of(k)}={faults[(int)k]} ");
Console.WriteLine();
foreach (var (k, v) in coverage.Counts.OrderBy(x => x.Key)) Console.Write($"{k}={v}; ");
Console.WriteLine();
