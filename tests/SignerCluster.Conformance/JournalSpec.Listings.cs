using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

public abstract partial class JournalSpec
{
    [Fact]
    public async Task An_entity_is_listed_as_open_while_its_last_append_says_so()
    {
        EntityId id = Entity("session/open");
        await AppendedAsync(id, 0, [[1]], openAfter: true);
        Assert.Equal([id], await OpenAsync("session"));
        await AppendedAsync(id, 1, [[2]], openAfter: true);
        Assert.Equal([id], await OpenAsync("session"));
        await AppendedAsync(id, 2, [[3]]);
        Assert.Empty(await OpenAsync("session"));
        await AppendedAsync(id, 3, [[4]], openAfter: true);
        Assert.Equal([id], await OpenAsync("session"));
    }

    [Fact]
    public async Task An_open_entity_is_listed_with_the_number_of_its_last_row()
    {
        EntityId id = Entity("session/open");
        await AppendedAsync(id, 0, [[1], [2]], openAfter: true);
        await AppendedAsync(Entity("session/other"), 0, [[1]], openAfter: true);
        Assert.Equal(
            [new OpenEntity(id, 2), new OpenEntity(Entity("session/other"), 1)], await CollectAsync(_journal.ListOpenAsync("session", CancellationToken.None)));
        await AppendedAsync(id, 2, [[3]], openAfter: true);
        Assert.Equal(new OpenEntity(id, 3), (await CollectAsync(_journal.ListOpenAsync("session", CancellationToken.None)))[0]);
    }

    [Fact]
    public async Task Listings_keep_the_order_of_first_appends_however_long_they_are_and_kinds_apart()
    {
        EntityId[] ids = [.. Enumerable.Range(0, 600).Select(i => Entity($"session/{(i * 7919) % 600:d3}"))];
        await AppendedAsync(Entity("sessio/shorter"), 0, [[1]], openAfter: true);
        foreach (EntityId id in ids)
            await AppendedAsync(id, 0, [[1]], openAfter: id != ids[3]);
        await AppendedAsync(Entity("session-2/longer"), 0, [[1]], openAfter: true);
        await AppendedAsync(ids[0], 1, [[2]]);
        await AppendedAsync(ids[0], 2, [[3]], openAfter: true);

        Assert.Equal(ids, await KnownAsync("session"));
        Assert.Equal(ids.Where(id => id != ids[3]), await OpenAsync("session"));
        Assert.Equal([Entity("session-2/longer")], await OpenAsync("session-2"));
    }
}
