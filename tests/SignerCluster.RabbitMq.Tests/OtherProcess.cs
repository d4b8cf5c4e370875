using System.Globalization;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>This assembly as a program: a node that a test kills, or the two ends of a measurement.</summary>
internal static class OtherProcess
{
    public static Task<int> Main(string[] args) => args switch
    {
        ["measure", ..] => Measurement.RunAsync(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000),
        _ => throw new ArgumentException("measure [ASKS]"),
    };
}
