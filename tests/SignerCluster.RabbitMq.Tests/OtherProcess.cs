using System.Diagnostics;
using System.Globalization;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>This assembly as a program: a node that a test kills, or the two ends of a measurement.</summary>
internal static class OtherProcess
{
    public const string Ready = "ready";
    public const byte Word = 2;

    public static Task<int> Main(string[] args) => args switch
    {
        ["measure"] => Measurement.RunAsync(asks: 100_000),
        ["measure", { } asks] => Measurement.RunAsync(int.Parse(asks, CultureInfo.InvariantCulture)),
        ["serve", { } port, { } virtualHost, { } party, { } node] => ServeAsync(int.Parse(port, CultureInfo.InvariantCulture), virtualHost, party, node),
        _ => throw new ArgumentException("measure [ASKS] | serve PORT HOST PARTY NODE"),
    };

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (string argument in (string[])["exec", typeof(OtherProcess).Assembly.Location, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>A node that answers everything with one word until it is killed, or until the test that started it is gone.</summary>
    private static async Task<int> ServeAsync(int port, string virtualHost, string party, string node)
    {
        using BrokerPassword password = TestBroker.PasswordOf(party);
        var settings =
            new RabbitMqSettings { Host = "127.0.0.1", Port = port, VirtualHost = virtualHost, User = party, Password = password, Party = party, Node = node };
        await using Mailboxes local = Hosts.Saying(Word);
        await using RabbitMqEngine engine = await TestBroker.StartAsync(settings, new BrokerRoutes(static _ => null, []), local);
        await Console.Out.WriteLineAsync(Ready);
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
