using System.Security.Cryptography;
using Npgsql;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Postgres.Tests;

public sealed class RolesTests : IAsyncLifetime
{
    private const string Secret = "correct horse battery staple";
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_node_role_runs_the_whole_journal_of_a_database_that_its_owner_role_migrated()
    {
        await ApplyAsync();
        await MigrateAsOwnerAsync();
        await ApplyAsync();
        await using PostgresDatabase node = As(_database.NodeRole);
        await using PostgresJournal journal = await PostgresJournal.OpenAsync(node, CancellationToken.None);
        var documents = new PostgresDocuments(node);

        Rows.AssertAppended(2, await journal.AppendAsync(Rows.Of("session/a", 0, [1], [2]) with { ActivatesKeyEpoch = 1 }));
        Rows.AssertAppended(3, await journal.AppendAsync(Rows.Of("session/a", 2, [3]) with { KeyEpoch = 1, ActivatesKeyEpoch = 2 }));
        Assert.Equal(3, await journal.CountAsync("session/a"));
        Assert.Equal(1, await journal.ResealAsync([new ResealedRow(3, 1, 2, new byte[] { 4 })], CancellationToken.None));
        Assert.True(await journal.ReadSizeAsync(CancellationToken.None) > 0);
        Assert.True(await documents.TryCreateAsync(DocumentKind.Group, new NodeDocument("a.json", new byte[] { 1 })));
        Assert.True(await documents.TryReplaceAsync(DocumentKind.Group, new NodeDocument("a.json", new byte[] { 2 }), new byte[] { 1 }));
        await using PostgresLock taken = await PostgresLock.TakeAsync(node, "formation", TimeProvider.System, CancellationToken.None);
    }

    [Theory]
    [InlineData("DELETE FROM signer.journal")]
    [InlineData("DELETE FROM signer.entity")]
    [InlineData("DELETE FROM signer.document")]
    [InlineData("TRUNCATE signer.journal")]
    [InlineData("UPDATE signer.journal SET message = ''")]
    [InlineData("UPDATE signer.entity SET version = 1")]
    [InlineData("UPDATE signer.journal_head SET key_epoch = 0")]
    [InlineData("UPDATE signer.document SET content = ''")]
    [InlineData("INSERT INTO signer.journal_head VALUES (1, 0, 0)")]
    [InlineData("INSERT INTO signer.schema_version (version, script) VALUES (99, '')")]
    [InlineData("CREATE TABLE signer.mine (i integer)")]
    [InlineData("CREATE TABLE public.mine (i integer)")]
    [InlineData("CREATE TEMP TABLE journal (i integer)")]
    [InlineData("CREATE SCHEMA mine")]
    [InlineData("ALTER TABLE signer.journal DROP COLUMN message")]
    [InlineData("DROP TABLE signer.journal")]
    [InlineData("DROP FUNCTION signer.lock_head()")]
    [InlineData("CREATE FUNCTION signer.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'")]
    public async Task A_node_role_can_neither_take_back_nor_change_what_was_written_nor_the_schema(string sql)
    {
        await ApplyAsync();
        await MigrateAsOwnerAsync();
        await using PostgresDatabase node = As(_database.NodeRole);

        JournalException fault = await Assert.ThrowsAsync<JournalException>(async () => await node.AskAsync(sql, static _ => 0, CancellationToken.None));

        Assert.Equal(("storage_no_rights", false), Rows.Code(fault));
        Assert.Contains("signer journal roles", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_without_rights_is_told_which_script_gives_them_and_a_node_role_cannot_migrate()
    {
        await ApplyAsync();
        await using PostgresDatabase node = As(_database.NodeRole);
        Assert.Equal("storage_no_rights", (await Assert.ThrowsAsync<JournalException>(() => PostgresSchema.MigrateAsync(node, CancellationToken.None))).Code);

        await MigrateAsOwnerAsync();
        await _database.RunAsync($"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA signer FROM {_database.NodeRole}");
        JournalException fault = await Assert.ThrowsAsync<JournalException>(() => PostgresJournal.OpenAsync(node, CancellationToken.None));
        Assert.Equal(("storage_no_rights", false), Rows.Code(fault));
        await _database.RunAsync($"REVOKE USAGE ON SCHEMA signer FROM {_database.NodeRole}");
        Assert.Equal("storage_no_rights", (await Assert.ThrowsAsync<JournalException>(() => PostgresJournal.OpenAsync(node, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task The_roles_of_one_party_cannot_connect_to_the_database_of_another()
    {
        await ApplyAsync();
        await using TestDatabase other = await TestDatabase.CreateMigratedAsync();
        await using NpgsqlConnection administrator = await other.OpenAdministratorAsync();
        using DatabasePassword password = Password();
        await PostgresRoles.ApplyAsync(administrator, other.OwnerRole, password, other.NodeRole, password, CancellationToken.None);

        foreach (string role in (string[])[_database.NodeRole, _database.OwnerRole])
        {
            await using PostgresDatabase stranger = PostgresDatabase.Create(other.Settings with { User = role, Password = password });
            Assert.Equal(
                "storage_no_rights", (await Assert.ThrowsAsync<JournalException>(() => PostgresJournal.OpenAsync(stranger, CancellationToken.None))).Code);
        }
    }

    [Fact]
    public async Task The_servers_record_of_a_password_is_the_one_that_it_would_have_made_itself()
    {
        // RFC 7677's example.
        using DatabasePassword pencil = DatabasePassword.Take("pencil"u8);
        Assert.Equal(
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
            ScramVerifier.Of(pencil, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==")));

        await ApplyAsync();
        string stored = Assert.IsType<string>(await _database.AskAsync($"SELECT rolpassword FROM pg_authid WHERE rolname = '{_database.NodeRole}'"));
        byte[] salt = Convert.FromBase64String(stored.Split(':')[1].Split('$')[0]);
        using DatabasePassword password = Password();
        Assert.Equal(ScramVerifier.Of(password, salt), stored);
    }

    [Fact]
    public async Task N2_A_password_is_in_no_text_that_the_settings_the_database_or_its_faults_give()
    {
        using DatabasePassword password = Password();
        PostgresSettings settings = _database.Settings with { Password = password, Port = 1 };
        await using PostgresDatabase database = PostgresDatabase.Create(settings);
        JournalException fault = await Assert.ThrowsAsync<JournalException>(() => PostgresSchema.MigrateAsync(database, CancellationToken.None));

        Assert.All(
            (string[])[settings.ToString(), password.ToString(), fault.ToString()],
            static text => Assert.DoesNotContain(Secret, text, StringComparison.Ordinal));
        Assert.Contains("<redacted>", settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_file_is_private_and_holds_one_password()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Secret + "\n");
            using (DatabasePassword password = DatabasePassword.Load(path))
                Assert.True(CryptographicOperations.FixedTimeEquals(password.Ascii, System.Text.Encoding.ASCII.GetBytes(Secret)));
            foreach (string bad in (string[])[string.Empty, "\n", "two\nlines\n", "tab\t", new string('a', 513)])
            {
                File.WriteAllText(path, bad);
                Assert.Equal("password_file_invalid", Assert.Throws<DataDirectoryException>(() => DatabasePassword.Load(path)).Code);
            }

            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.Equal("password_file_exposed", Assert.Throws<DataDirectoryException>(() => DatabasePassword.Load(path)).Code);
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal("password_file_missing", Assert.Throws<DataDirectoryException>(() => DatabasePassword.Load(path)).Code);
    }

    private static DatabasePassword Password() => DatabasePassword.Take(System.Text.Encoding.ASCII.GetBytes(Secret));

    private async Task ApplyAsync()
    {
        await using NpgsqlConnection administrator = await _database.OpenAdministratorAsync();
        using DatabasePassword password = Password();
        await PostgresRoles.ApplyAsync(administrator, _database.OwnerRole, password, _database.NodeRole, password, CancellationToken.None);
    }

    private async Task MigrateAsOwnerAsync()
    {
        await using PostgresDatabase owner = As(_database.OwnerRole);
        await PostgresSchema.MigrateAsync(owner, CancellationToken.None);
    }

    // The server of the tests trusts its own machine, so the password is sent only where it asks.
    private PostgresDatabase As(string role) => PostgresDatabase.Create(_database.Settings with { User = role, Password = Password() });
}
