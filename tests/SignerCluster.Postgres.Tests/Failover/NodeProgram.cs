using Akka.Actor;

namespace SignerCluster.Postgres.Tests.Failover;

/// <summary>This assembly as a program: one node, until its input ends or it is no member any more.</summary>
internal static class NodeProgram
{
    /// <param name="arguments">The database, and the address of a node to join where there is one already.</param>
    public static async Task Main(string[] arguments)
    {
        Address? seed = arguments.Length > 1 ? Address.Parse(arguments[1]) : null;
        await using PartyNode node = await PartyNode.StartAsync(TestDatabase.SettingsOf(arguments[0]), seed);
        await Console.Out.WriteLineAsync(node.Cluster.SelfAddress.ToString());
        // Reading from a console blocks the thread, whatever the method is called.
        await Task.WhenAny(node.HasEndedAsync(), Task.Run(Console.In.ReadLine));
    }
}
