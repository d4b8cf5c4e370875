using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Postgres.Tests;

/// <summary>Short ways to write and to read.</summary>
internal static class Rows
{
    public static JournalAppend Of(string id, long expectedVersion, params byte[][] messages) => new(
        EntityId.Parse(id), expectedVersion, [.. messages.Select(message => new JournalEntry("tested", message))], OpenAfter: true,
        Guid.Empty, DateTimeOffset.UnixEpoch);

    public static async Task<int> CountAsync(this IJournal journal, string id) =>
        (await journal.ReadAsync(EntityId.Parse(id), 0, CancellationToken.None)).Count;

    public static JournalException NotWritten(AppendOutcome outcome) => Assert.IsType<AppendOutcome.NotWritten>(outcome).Fault;

    public static (string Code, bool IsTransient) Code(JournalException fault) => (fault.Code, fault.IsTransient);

    public static void AssertAppended(long version, AppendOutcome outcome) => Assert.Equal(new AppendOutcome.Appended(version), outcome);
}
