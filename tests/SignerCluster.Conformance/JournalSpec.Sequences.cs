using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using Xunit;

namespace SignerCluster.Conformance;

public abstract partial class JournalSpec
{
    [Fact]
    public async Task Any_sequence_of_appends_leaves_what_plain_lists_would_hold()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var histories = new Dictionary<EntityId, List<byte[]>>();
        var open = new HashSet<EntityId>();
        for (int step = 0; step < 300; step++)
        {
            EntityId id = Entity($"{(random.Next(2) == 0 ? "session" : "guardian")}/{random.Next(6)}");
            List<byte[]> history = histories.GetValueOrDefault(id) ?? [];
            long expected = random.Next(4) == 0 ? random.Next(12) : history.Count;
            byte[][] messages = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => BitConverter.GetBytes(random.Next()))];
            bool openAfter = random.Next(2) == 0;
            AppendOutcome outcome = await _journal.AppendAsync(Append(id, expected, openAfter, messages));
            if (expected != history.Count)
            {
                Assert.True(new AppendOutcome.Conflict(history.Count) == outcome, $"Seed {seed}, step {step}: {outcome}");
                continue;
            }

            history.AddRange(messages);
            histories[id] = history;
            _ = openAfter ? open.Add(id) : open.Remove(id);
            Assert.True(new AppendOutcome.Appended(history.Count) == outcome, $"Seed {seed}, step {step}: {outcome}");
        }

        await ReopenJournalAsync();
        foreach ((EntityId id, List<byte[]> history) in histories)
            Assert.True(
                await VersionAsync(id) == history.Count
                    && history.SelectMany(bytes => bytes).SequenceEqual((await ReadAsync(id)).SelectMany(row => row.Message.ToArray())),
                $"Seed {seed}, {id}");
        EntityId[] listed = [.. await OpenAsync("session"), .. await OpenAsync("guardian")];
        Assert.True(open.SetEquals(listed) && listed.Length == open.Count, $"Seed {seed}: open {string.Join(' ', listed)}");
        EntityId[] known = [.. await KnownAsync("session"), .. await KnownAsync("guardian")];
        Assert.True(histories.Keys.ToHashSet().SetEquals(known) && known.Length == histories.Count, $"Seed {seed}: known {string.Join(' ', known)}");
    }
}
