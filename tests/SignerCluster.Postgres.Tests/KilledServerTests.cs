using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Postgres.Tests;

public sealed class KilledServerTests
{
    private const int Rounds = 3;
    private const int Entities = 8;
    private const int AppendsBeforeTheKill = 60;

    [Fact]
    public async Task D7_A_server_that_is_killed_under_load_loses_nothing_that_was_answered_and_the_journal_goes_on_by_itself()
    {
        await using PrivateServer server = await PrivateServer.StartAsync();
        await using PostgresDatabase database = PostgresDatabase.Create(server.Settings);
        await PostgresSchema.MigrateAsync(database, CancellationToken.None);
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(database, CancellationToken.None);
        var versions = new long[Entities];
        for (int round = 0; round < Rounds; round++)
        {
            using var enough = new CountdownEvent(AppendsBeforeTheKill);
            Task<AppendOutcome>[] writers =
                [.. Enumerable.Range(0, Entities).Select(writer => Task.Run(() => WriteUntilItFailsAsync(journal, writer, versions, enough)))];
            await Task.Run(enough.Wait);
            server.Kill();
            AppendOutcome[] last = await Task.WhenAll(writers);

            // While it is down it is said quickly, and for certain.
            JournalException fault = Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/down", 0, [1])));
            Assert.Equal(("storage_unavailable", true), Rows.Code(fault));
            Assert.NotNull(await database.FindWriteFaultAsync(CancellationToken.None));

            await server.RunAgainAsync();
            for (int writer = 0; writer < Entities; writer++)
            {
                int found = await journal.CountAsync($"session/{writer}");
                if (last[writer] is AppendOutcome.Unknown)
                    Assert.InRange(found, versions[writer], versions[writer] + 1);
                else
                    Assert.Equal(versions[writer], found);
                versions[writer] = found;
            }
        }

        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/after", 0, [1])));
    }

    [Fact]
    public async Task A_server_that_came_back_as_a_standby_cannot_be_written_and_says_that_the_primary_is_to_be_named()
    {
        await using PrivateServer server = await PrivateServer.StartAsync();
        await using PostgresDatabase database = PostgresDatabase.Create(server.Settings);
        Assert.Null(await database.FindWriteFaultAsync(CancellationToken.None));
        await server.BecomeStandbyAsync();

        JournalException fault = (await database.FindWriteFaultAsync(CancellationToken.None))!;
        Assert.Equal("storage_read_only", fault.Code);
        Assert.Contains("is a standby", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<AppendOutcome> WriteUntilItFailsAsync(PostgresJournal journal, int writer, long[] versions, CountdownEvent enough)
    {
        AppendOutcome outcome;
        while ((outcome = await journal.AppendAsync(Rows.Of($"session/{writer}", versions[writer], [1]))) is AppendOutcome.Appended appended)
        {
            versions[writer] = appended.Version;
            if (!enough.IsSet)
                _ = TrySignal(enough);
        }

        return outcome is AppendOutcome.Unknown or AppendOutcome.NotWritten ? outcome : throw new InvalidOperationException(outcome.ToString());
    }

    // Several may signal the last one at once.
    private static bool TrySignal(CountdownEvent enough)
    {
        try
        {
            return enough.Signal();
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
