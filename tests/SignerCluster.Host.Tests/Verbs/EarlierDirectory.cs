namespace SignerCluster.Host.Tests.Verbs;

/// <summary>
/// A copy of the data directory in the folder <c>Earlier</c>, which the program of commit 07dd208 made: a 2-of-3 group; sessions <c>first</c> and
/// <c>second</c>; a rotation of all keys; session <c>third</c>; then session <c>open</c> while the seats 0 and 1 were away, and a kill -9, so that the logs
/// beside the journals hold rows. The messages are 11…, 22…, 33… and 44….
/// </summary>
internal sealed class EarlierDirectory : IDisposable
{
    internal const string Group = "53fd1e34b70c06309821277c2eaf3a10eab9776f05e2f34ebddbce6bf9dd6018";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-earlier-");

    internal EarlierDirectory()
    {
        string source = System.IO.Path.Combine(AppContext.BaseDirectory, "Verbs", "Earlier");
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            // Git keeps no modes but for programs.
            File.SetUnixFileMode(copy, OwnDirectory.OwnerOnly);
        }
    }

    internal string Path => PathOf("old");

    /// <summary>Where it is imported to.</summary>
    internal string New => PathOf("new");

    internal static (string Session, char Message, string Signature)[] Signed { get; } =
    [
        ("first", '1', "cf74409796366047c9d032567b0f2b0cac9353d60ce17c3c540071dea20a78025ddfa2882aadac71c2092d22da4a79028ba6f39f1fe87281cb7c25e2875e0d62"),
        ("second", '2', "86fea39e061a5388b01d0fdc0a193ba57b6ea1e9f88a6a09ad7123a8c0495a7b256b671011da4ae2317dddec55659fc28d0a9ac5216700ad20c64af66368ec15"),
        ("third", '3', "ba4fecdf108e3d9910214382b541cd3b2d96a19a21f7fe8ff8d44337aa102ba65b74a781f1ccbcaa668c5634ab4b50ba1be44992caee497cf912808d1da74560"),
    ];

    internal string PathOf(string name) => System.IO.Path.Combine(_folder.FullName, name);

    internal Task<Ended> ImportAsync(params string[] more) => SignerProcess.RunAsync(["journal", "import", "--from", Path, "--data", New, "--json", .. more]);

    internal Task<Ended> SignAsync(string session, char message) =>
        SignerProcess.RunAsync("sign", "--data", New, "--group", Group, "--message", new string(message, 64), "--session", session, "--allow-raw", "--json");

    /// <summary>Every file of the earlier directory: name, mode, time and content.</summary>
    internal string[] Snapshot() => [.. Entries().Select(static entry => $"{entry} {entry.UnixFileMode} {entry.LastWriteTimeUtc:O} {ContentOf(entry)}")];

    /// <summary>The new directory is not there, and nothing but what tests put away is beside the earlier one.</summary>
    internal void AssertNothingMade() =>
        Assert.Equal([Path], Directory.GetFileSystemEntries(_folder.FullName).Where(static entry => !entry.EndsWith(".json", StringComparison.Ordinal)));

    public void Dispose() => _folder.Delete(recursive: true);

    private IEnumerable<FileSystemInfo> Entries() =>
        new DirectoryInfo(Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderBy(static entry => entry.FullName, StringComparer.Ordinal);

    private static string ContentOf(FileSystemInfo entry) => entry is FileInfo file ? Convert.ToHexString(File.ReadAllBytes(file.FullName)) : string.Empty;
}
