using Microsoft.Data.Sqlite;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>A data directory of one test alone, with one 2-of-3 group, and what an operator does to it.</summary>
internal sealed class OwnDirectory : IDisposable
{
    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-own-");

    private OwnDirectory()
    {
    }

    internal string Folder => _folder.FullName;

    internal string Path => PathOf("data");

    internal string Group { get; private set; } = string.Empty;

    internal static async Task<OwnDirectory> CreateAsync(int signed = 0)
    {
        OwnDirectory own = new();
        using (DataDirectory directory = DataDirectory.Hold(own.Path))
        {
            own.Group = (await Wiring.CreateGroupAsync(directory, threshold: 2, participants: 3)).Value.ToString();
        }

        for (int number = 0; number < signed; number++)
        {
            (await own.SignAsync($"s{number}")).Done();
        }

        return own;
    }

    internal string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);

    internal string KeyOf(string node) => System.IO.Path.Combine(Path, node, "key-encryption.key");

    internal string JournalOf(string node) => System.IO.Path.Combine(Path, node, "journal.db");

    internal string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        File.SetUnixFileMode(PathOf(name), OwnerOnly);
        return PathOf(name);
    }

    internal Task<Ended> SignAsync(string session, params (string Name, string Value)[] environment) => SignerProcess.RunAsync(
        environment.ToDictionary(static one => one.Name, static one => one.Value),
        "sign", "--data", Path, "--group", Group, "--message", DataFixture.Message, "--allow-raw", "--session", session, "--json");

    internal Task<Ended> RunAsync(params string[] arguments) => SignerProcess.RunAsync([.. arguments, "--data", Path, "--json"]);

    /// <summary>What a bad hand does at a node's file while nothing runs. Making the group has bound the library already.</summary>
    internal void Damage(string node, string sql)
    {
        using SqliteConnection connection = new($"Data Source={JournalOf(node)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }

    /// <summary>Flips the last bit of a row's message, the first that fits.</summary>
    internal void FlipBit(string node, string where)
    {
        using SqliteConnection connection = new($"Data Source={JournalOf(node)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of these tests.
        command.CommandText = $"SELECT message FROM journal WHERE {where} LIMIT 1";
        byte[] message = (byte[])command.ExecuteScalar()!;
#pragma warning restore CA2100
        message[^1] ^= 1;
        Damage(node, $"UPDATE journal SET message = x'{Convert.ToHexString(message)}' WHERE {where}");
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
