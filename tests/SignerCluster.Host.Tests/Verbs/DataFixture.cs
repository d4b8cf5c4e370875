using SignerCluster.Host.Verbs.Demo;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>A data directory with one 2-of-3 group.</summary>
public sealed class DataFixture : IAsyncLifetime
{
    internal static readonly string Message = new('a', 64);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-verbs-");

    public async Task InitializeAsync()
    {
        using DataDirectory directory = DataDirectory.Hold(Data);
        Group = (await Wiring.CreateGroupAsync(directory, threshold: 2, participants: 3)).Value.ToString();
    }

    internal string Data => PathOf("data");

    internal string Group { get; private set; } = string.Empty;

    internal XOnlyPublicKey Key => XOnlyPublicKey.Parse(GroupId.Parse(Group).X.AsSpan());

    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    internal string PathOf(string name) => Path.Combine(_folder.FullName, name);

    internal string Write(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return PathOf(name);
    }

    internal DemoPayment Payment(int inputs) => new(Key, inputs, scriptedInput: null);

    /// <summary>Takes the seats of participants away, as if their machines were down; disposing brings them back.</summary>
    internal IDisposable WithoutSeats(params int[] participants) =>
        new Absence([.. participants.Select(number => Path.Combine(Data, "participants", $"{number}", "seats"))]);

    internal Task<Ended> SignMessageAsync(string session, params string[] more) =>
        SignerProcess.RunAsync(["sign", "--data", Data, "--group", Group, "--message", Message, "--allow-raw", "--session", session, "--json", .. more]);

    internal Task<Ended> SignPsbtAsync(string path, params string[] more) =>
        SignerProcess.RunAsync(["sign", "--data", Data, "--group", Group, "--psbt", path, "--json", .. more]);

    /// <summary>Returns when another process has written the session's beginning.</summary>
    internal async Task WaitForSessionAsync(string session)
    {
        while ((await SignerProcess.RunAsync("session", "show", session, "--data", Data, "--json")).ExitCode != 0)
        {
        }
    }

    private sealed class Absence : IDisposable
    {
        private readonly string[] _folders;

        internal Absence(string[] folders)
        {
            _folders = folders;
            Array.ForEach(folders, static folder => Directory.Move(folder, folder + ".away"));
        }

        public void Dispose() => Array.ForEach(_folders, static folder => Directory.Move(folder + ".away", folder));
    }
}
