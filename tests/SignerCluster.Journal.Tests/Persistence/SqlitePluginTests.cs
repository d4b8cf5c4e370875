using Akka.Actor;
using SignerCluster.Conformance;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Journal.Tests.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Persistence;

public sealed class SqlitePluginTests : JournalPluginSpec, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override ValueTask<IJournalStore> OpenAsync() => new(SqliteJournal.Open(_folder.Journal));
}

/// <summary>The plugin over a file system that is full.</summary>
public sealed class FullDiskPluginTests
{
    private static readonly EntityId _id = EntityId.Parse("session/large");

    [FactWhereMountIsPermitted]
    public async Task S4_A_full_disk_refuses_a_write_definitely_and_the_next_activation_goes_on_when_there_is_room()
    {
        using SmallDisk disk = SmallDisk.Mount(megabytes: 2);
        await using SqliteJournal journal = SqliteJournal.Open(Path.Combine(disk.Path, "journal.db"));
        await using PluginHost host = await PluginHost.StartAsync(journal);
        IActorRef activation = host.Activate(_id);
        Assert.Equal(new AppendOutcome.Appended(1), await PluginHost.StoreAsync(activation, [1]));
        string ballast = disk.Fill();
        AppendOutcome.NotWritten refused = Assert.IsType<AppendOutcome.NotWritten>(await PluginHost.StoreAsync(activation, new byte[200_000]));
        Assert.Equal("disk_full", refused.Fault.Code);

        File.Delete(ballast);
        IActorRef next = host.Activate(_id);
        Assert.Equal(1, (await PluginHost.ShowAsync(next)).Version);
        Assert.Equal(new AppendOutcome.Appended(2), await PluginHost.StoreAsync(next, new byte[200_000]));
    }
}
