using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Sqlite;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Tests.Sqlite;

public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_writer_is_refused_by_path_also_by_another_name_until_the_first_has_closed()
    {
        string link = Path.Combine(_folder.Path, "link.db");
        SqliteJournal first = SqliteJournal.Open(_folder.Journal);
        File.CreateSymbolicLink(link, _folder.Journal);

        foreach (string path in (string[])[_folder.Journal, link])
        {
            JournalException fault = Assert.Throws<JournalException>(() => SqliteJournal.Open(path));
            Assert.Equal(("journal_in_use", false), (fault.Code, fault.IsTransient));
            Assert.Contains(_folder.Journal, fault.Message, StringComparison.Ordinal);
        }

        await first.DisposeAsync();
        await SqliteJournal.Open(link).DisposeAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_as_corrupt_and_not_touched()
    {
        byte[] noise = new byte[20_000];
        new Random(3).NextBytes(noise);
        await File.WriteAllBytesAsync(_folder.Journal, noise);

        Assert.Equal("storage_corrupt", Assert.Throws<JournalException>(() => SqliteJournal.Open(_folder.Journal)).Code);
        Assert.Equal("storage_corrupt", Assert.Throws<JournalException>(() => SqliteJournal.OpenReadOnly(_folder.Journal)).Code);
        Assert.Equal(noise, await File.ReadAllBytesAsync(_folder.Journal));
    }

    [Fact]
    public async Task Damaged_pages_are_a_fault_of_reading_and_of_writing_never_a_shorter_history()
    {
        await using (SqliteJournal journal = SqliteJournal.Open(_folder.Journal))
        {
            for (int i = 0; i < 200; i++)
                Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of($"session/{i}", 0, new byte[300])));
        }

        await using (FileStream file = File.OpenWrite(_folder.Journal))
        {
            file.Position = 4096;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray());
        }

        await using SqliteJournal damaged = SqliteJournal.Open(_folder.Journal);
        JournalException fault = await Assert.ThrowsAsync<JournalException>(() => damaged.CountAsync("session/7"));
        Assert.Equal(("storage_corrupt", false), (fault.Code, fault.IsTransient));
        Assert.Equal("storage_corrupt", Rows.NotWritten(await damaged.AppendAsync(Rows.Of("session/7", 1, [1]))).Code);
    }

    [Fact]
    public void A_directory_in_place_of_the_file_and_a_folder_that_is_not_there_are_named()
    {
        Directory.CreateDirectory(_folder.Journal);
        foreach (string path in (string[])[_folder.Journal, Path.Combine(_folder.Path, "absent", "journal.db")])
        {
            Assert.Contains(path, Assert.Throws<JournalException>(() => SqliteJournal.Open(path)).Message, StringComparison.Ordinal);
            JournalException fault = Assert.Throws<JournalException>(() => SqliteJournal.OpenReadOnly(path));
            Assert.Equal(("storage_unavailable", false), (fault.Code, fault.IsTransient));
        }
    }

    [Fact]
    public void Looking_makes_no_file()
    {
        Assert.Equal("storage_unavailable", Assert.Throws<JournalException>(() => SqliteJournal.OpenReadOnly(_folder.Journal)).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_journal_that_nobody_has_open_can_be_looked_at_and_written_at_the_same_time()
    {
        await SqliteJournal.Open(_folder.Journal).DisposeAsync();
        await using SqliteJournal looking = SqliteJournal.OpenReadOnly(_folder.Journal);
        Assert.Equal(0, await looking.CountAsync("session/a"));

        await using SqliteJournal journal = SqliteJournal.Open(_folder.Journal);
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));
        Assert.Equal(1, await looking.CountAsync("session/a"));
    }

    [Fact]
    public async Task A_schema_newer_than_the_binary_is_refused_and_one_that_is_missing_is_not_looked_at()
    {
        await SqliteJournal.Open(_folder.Journal).DisposeAsync();
        await using (SqliteConnection shell = Shell.Open(_folder.Journal))
            shell.Run("PRAGMA user_version = 99");
        JournalException fault = Assert.Throws<JournalException>(() => SqliteJournal.Open(_folder.Journal));
        Assert.Equal(("schema_too_new", false), (fault.Code, fault.IsTransient));
        Assert.Contains("99", fault.Message, StringComparison.Ordinal);
        Assert.Equal("schema_too_new", Assert.Throws<JournalException>(() => SqliteJournal.OpenReadOnly(_folder.Journal)).Code);

        string empty = Path.Combine(_folder.Path, "empty.db");
        await File.WriteAllBytesAsync(empty, []);
        JournalException missing = Assert.Throws<JournalException>(() => SqliteJournal.OpenReadOnly(empty));
        Assert.Equal(("journal_missing", false), (missing.Code, missing.IsTransient));
    }

    [Fact]
    public async Task Closing_writes_what_waits_folds_the_log_in_and_then_refuses()
    {
        SqliteJournal journal = SqliteJournal.Open(_folder.Journal, new SqliteJournalSettings { QueueCapacity = 2, AppendsPerTransaction = 3 });
        Task<AppendOutcome>[] appends = [.. Enumerable.Range(0, 50).Select(i => journal.AppendAsync(Rows.Of($"session/{i}", 0, [1])).AsTask())];
        await journal.DisposeAsync();
        AppendOutcome[] outcomes = await Task.WhenAll(appends);

        Assert.False(File.Exists(_folder.Journal + "-wal"));
        Assert.Equal("journal_stopped", Rows.NotWritten(await journal.AppendAsync(Rows.Of("session/late", 0, [1]))).Code);
        Assert.Equal("journal_stopped", (await Assert.ThrowsAsync<JournalException>(() => journal.CountAsync("session/1"))).Code);
        await journal.DisposeAsync();
        await using SqliteJournal reopened = SqliteJournal.Open(_folder.Journal);
        for (int i = 0; i < outcomes.Length; i++)
        {
            // Those that found no place in the queue before it closed are told so; no other answer is possible.
            int rows = outcomes[i] is AppendOutcome.Appended ? 1 : 0;
            if (rows == 0)
                Assert.Equal("journal_stopped", Rows.NotWritten(outcomes[i]).Code);
            Assert.Equal(rows, await reopened.CountAsync($"session/{i}"));
        }
    }

    [Fact]
    public async Task Commits_are_synced_and_only_the_owner_may_read_the_files()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        await using SqliteJournal journal = SqliteJournal.Open(_folder.Journal, new SqliteJournalSettings(), new CommitProbe
        {
            BeforeBegin = connection =>
            {
                foreach (string name in (string[])["journal_mode", "synchronous"])
                    settings[name] = connection.Ask($"PRAGMA {name}").Single();
            },
        });
        Rows.AssertAppended(1, await journal.AppendAsync(Rows.Of("session/a", 0, [1])));

        Assert.Equal(("wal", "2"), (settings["journal_mode"], settings["synchronous"]));
        if (!OperatingSystem.IsWindows())
            AssertPrivate();
    }

    [Fact]
    public void The_distributions_library_is_used_and_its_package_is_named_when_it_is_missing()
    {
        Assert.True(Version.Parse(SqliteLibrary.Require()) >= new Version(3, 37), SqliteLibrary.Require());
        JournalException fault = Assert.Throws<JournalException>(() => SqliteLibrary.Load(["libsqlite3-absent.so.0"]));
        Assert.Equal("sqlite_missing", fault.Code);
        Assert.Contains("apt-get install libsqlite3-0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name_and_make_no_file()
    {
        SqliteJournalSettings[] wrong =
        [
            new() { AppendsPerTransaction = 0 },
            new() { QueueCapacity = 0 },
            new() { BusyTimeout = TimeSpan.FromSeconds(-1) },
            new() { ReadConnectionsKept = -1 },
        ];
        string[] named =
            [.. wrong.Select(settings => Assert.Throws<ArgumentOutOfRangeException>(() => SqliteJournal.Open(_folder.Journal, settings)).ParamName!)];
        Assert.Equal(["AppendsPerTransaction", "QueueCapacity", "BusyTimeout", "ReadConnectionsKept"], named);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [UnsupportedOSPlatform("windows")]
    private void AssertPrivate() => Assert.All(
        Directory.GetFiles(_folder.Path), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
}
