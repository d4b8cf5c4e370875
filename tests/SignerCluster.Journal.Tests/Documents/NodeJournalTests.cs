using System.Security.Cryptography;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Tests.Documents;

/// <summary>What is a new node, and what is one that lost its journal.</summary>
public sealed class NodeJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-nodes").FullName;

    private NodeDirectory Node => new(Path.Combine(_folder, "participants", "0")) { Name = "participants-0" };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task S5_A_node_that_holds_nothing_is_new_and_one_with_a_journal_is_at_work()
    {
        Assert.False(NodeJournal.IsThere(Node));
        Assert.Contains("keygen", Assert.Throws<JournalException>(() => NodeJournal.Locate(Node)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(Node.Path, "groups"));
        await File.WriteAllBytesAsync(Node.JournalPath, []);
        Assert.False(NodeJournal.IsThere(Node));

        await SqliteJournal.Open(Node.JournalPath).DisposeAsync();
        Assert.True(NodeJournal.IsThere(Node));
        Assert.Equal(Node.JournalPath, NodeJournal.Locate(Node));
    }

    [Theory]
    [InlineData("groups", "--without-coordinator-journal. Nobody knows then")]
    [InlineData("seats", "Without one the seats of this node are lost")]
    public async Task S5_A_journal_that_is_gone_empty_or_behind_a_broken_link_is_lost_when_documents_are_there(string kind, string risk)
    {
        WriteDocument(kind);
        AssertLost("there is no file", risk);
        await File.WriteAllBytesAsync(Node.JournalPath, []);
        AssertLost("0 bytes", risk);
        File.Delete(Node.JournalPath);
        string elsewhere = Path.Combine(_folder, "elsewhere.db");
        File.CreateSymbolicLink(Node.JournalPath, elsewhere);
        AssertLost(elsewhere, risk);
        Assert.False(File.Exists(elsewhere));

        await SqliteJournal.Open(Node.JournalPath).DisposeAsync();
        Assert.True(NodeJournal.IsThere(Node));
    }

    [Fact]
    public async Task S5_A_journal_without_a_key_ring_is_lost_when_documents_are_there()
    {
        MemoryJournal store = new();
        await NodeJournal.RequireRingAsync(Node, store, CancellationToken.None);
        WriteDocument("groups");
        JournalException lost = await Assert.ThrowsAsync<JournalException>(async () => await NodeJournal.RequireRingAsync(Node, store, CancellationToken.None));
        Assert.Equal(("journal_missing", false), (lost.Code, lost.IsTransient));
        await (await SealedStores.OpenAsync(store)).DisposeAsync();
        await NodeJournal.RequireRingAsync(Node, store, CancellationToken.None);
    }

    /// <summary>So a group is never there without the journals that its nodes need, however the making of it ends.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("coordinator")]
    [InlineData("participants-0")]
    [InlineData("participants-2")]
    public async Task S5_A_group_is_written_only_after_every_journal_was_made(string? failing)
    {
        await using KeyKeeper keeper = await SealedStores.OpenAsync(new MemoryJournal());
        List<string> made = [];
        using DataDirectory data = DataDirectory.Hold(_folder);
        ValueTask<Outcome<GroupId>> creating = GroupCreation.CreateAsync(data, threshold: 2, participants: 3, OpenAsync, RandomNumberGenerator.Fill);
        if (failing is null)
        {
            Assert.True((await creating).TryGet(out _, out _));
            Assert.Equal(["coordinator", "participants-0", "participants-1", "participants-2"], made);
            Assert.NotEmpty(Documents());
        }
        else
        {
            await Assert.ThrowsAsync<JournalException>(async () => await creating);
            Assert.Empty(Documents());
        }

        ValueTask<KeyKeeper> OpenAsync(NodeDirectory node)
        {
            Assert.Empty(Documents());
            made.Add(node.Name);
            return node.Name == failing ? throw new JournalException("disk_full", "full", isTransient: true) : new(keeper);
        }
    }

    private string[] Documents() => Directory.GetFiles(_folder, "*.json", SearchOption.AllDirectories);

    private void WriteDocument(string kind)
    {
        Directory.CreateDirectory(Path.Combine(Node.Path, kind));
        File.WriteAllText(Path.Combine(Node.Path, kind, "one.json"), "{}");
    }

    private void AssertLost(params string[] said)
    {
        foreach (Func<object> look in (Func<object>[])[() => NodeJournal.IsThere(Node), () => NodeJournal.Locate(Node)])
        {
            JournalException lost = Assert.Throws<JournalException>(look);
            Assert.Equal(("journal_missing", false), (lost.Code, lost.IsTransient));
            Assert.All([.. said, Node.Name, Node.JournalPath, "from a backup"], text => Assert.Contains(text, lost.Message, StringComparison.Ordinal));
        }
    }
}
