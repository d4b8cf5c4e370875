using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Tests.Sqlite;

/// <summary>
/// The process that the parent kills: appends from several tasks and prints one line for each append that was acknowledged, after it was.
/// What row <c>n</c> of an entity holds, and whether it leaves the entity open, follows from the id and <c>n</c> alone.
/// </summary>
internal static class WritingProcess
{
    public const int ExitInUse = 3;
    private const int Tasks = 8;

    public static async Task<int> Main(string[] args)
    {
        try
        {
            await using SqliteJournal journal = SqliteJournal.Open(args[0]);
            await Task.WhenAll(Enumerable.Range(0, Tasks).Select(task => Task.Run(() => WriteForeverAsync(journal, $"{args[1]}-{task}"))));
            return 0;
        }
        catch (JournalException fault) when (fault.Code == "journal_in_use")
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return ExitInUse;
        }
    }

    public static byte[] MessageOf(EntityId id, long number)
    {
        byte[] digest = SHA256.HashData(Encoding.ASCII.GetBytes($"{id} {number}"));
        byte[] message = new byte[digest[0] * 4];
        for (int i = 0; i < message.Length; i++)
            message[i] = digest[i % digest.Length];
        return message;
    }

    public static bool IsOpenAfter(EntityId id, long number) => MessageOf(id, number).Length % 8 == 0;

    private static async Task WriteForeverAsync(SqliteJournal journal, string name)
    {
        for (int i = 0; ; i++)
        {
            EntityId id = EntityId.Parse($"session/{name}-{i}");
            for (long version = 0; version < 6;)
                version = await WriteAsync(journal, id, version, entries: 1 + i % 3);
        }
    }

    private static async Task<long> WriteAsync(SqliteJournal journal, EntityId id, long version, int entries)
    {
        long next = version + entries;
        var append = new JournalAppend(
            id, version, [.. Enumerable.Range(1, entries).Select(n => new JournalEntry("tested", MessageOf(id, version + n)))], IsOpenAfter(id, next),
            Guid.Empty, DateTimeOffset.UnixEpoch);
        AppendOutcome outcome = await journal.AppendAsync(append);
        if (outcome != new AppendOutcome.Appended(next))
            throw new InvalidOperationException(outcome.ToString());
        // The full stop tells a whole line from one that the kill cut off.
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{id} {next} ."));
        return next;
    }
}
