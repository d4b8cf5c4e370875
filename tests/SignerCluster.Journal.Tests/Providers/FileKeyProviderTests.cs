using System.Runtime.InteropServices;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Tests.Keys;

namespace SignerCluster.Journal.Tests.Providers;

/// <summary>K5: a key file is a private regular file of this user with exactly one key in it, or it is refused.</summary>
public sealed class FileKeyProviderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-key-file").FullName;

    private string KeyPath => Path.Combine(_folder, "kek");

    private FileKeyProvider Provider => new(KeyPath);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(KnownKey.Hex)]
    [InlineData(KnownKey.Hex + "\n")]
    [InlineData(KnownKey.Hex + "\r\n")]
    [InlineData("C0FFEE00112233445566778899AABBCCDDEEFF0123456789ABCDEF00DEADBEEF")]
    public async Task K5_A_key_file_holds_64_digits_and_at_most_one_line_end(string content)
    {
        Write(content);
        await KnownKey.FetchedFrom(Provider);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c0ffee")]
    [InlineData(KnownKey.Hex + "0")]
    [InlineData(KnownKey.Hex + "00")]
    [InlineData(KnownKey.Hex + "\n\n")]
    [InlineData(KnownKey.Hex + "\n\r")]
    [InlineData(" " + KnownKey.Hex)]
    [InlineData("\uFEFF" + KnownKey.Hex)]
    [InlineData(KnownKey.Hex + "\n" + KnownKey.Hex + "\n")]
    [InlineData("zzffee00112233445566778899aabbccddeeff0123456789abcdef00deadbeef")]
    public async Task K5_A_file_with_anything_else_in_it_is_refused_without_showing_it(string content)
    {
        Write(content);
        await KnownKey.Refused(Provider, "key_invalid", isTransient: false);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherExecute)]
    public async Task K5_A_file_that_others_may_touch_is_refused_also_behind_a_link(UnixFileMode exposed)
    {
        Write(KnownKey.Hex, OwnerOnly | exposed);
        KeyProviderException refused = await KnownKey.Refused(Provider, "key_file_exposed", isTransient: false);
        Assert.Contains($"chmod 600 {KeyPath}", refused.Message, StringComparison.Ordinal);
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, KeyPath);
        await KnownKey.Refused(new FileKeyProvider(link), "key_file_exposed");
    }

    [Fact]
    public async Task K5_A_link_to_a_private_file_is_followed()
    {
        Write(KnownKey.Hex, UnixFileMode.UserRead);
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, KeyPath);
        await KnownKey.FetchedFrom(new FileKeyProvider(link));
    }

    [Fact]
    public async Task K5_A_file_of_another_user_is_refused()
    {
        // Giving a file away takes privileges; without them a file that is never ours serves: the pseudo file system's.
        Write(KnownKey.Hex);
        string foreign = ChangeOwner(KeyPath, 12345, 12345) == 0 ? KeyPath : "/proc/1/mem";
        KeyProviderException refused = await KnownKey.Refused(new FileKeyProvider(foreign), "key_file_exposed", isTransient: false);
        Assert.Contains("belongs to another user", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task K5_What_is_no_regular_file_is_refused_and_not_waited_for()
    {
        using Lifeline pipe = new();
        foreach (string path in (string[])[_folder, "/dev/null", "/dev/zero", pipe.Path])
        {
            await KnownKey.Refused(new FileKeyProvider(path), "key_invalid", isTransient: false);
        }
    }

    [Fact]
    public async Task K5_A_missing_key_file_is_said_and_never_made()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "dangling"), KeyPath);
        await File.WriteAllTextAsync(Path.Combine(_folder, "file"), string.Empty);
        foreach (string name in (string[])["kek", "dangling", "file/kek", "no/kek"])
        {
            KeyProviderException refused = await KnownKey.Refused(new FileKeyProvider(Path.Combine(_folder, name)), "key_unavailable", isTransient: false);
            Assert.Contains("Put back the key", refused.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(KeyPath));
    }

    [Fact]
    public async Task K5_A_new_key_file_is_private_and_gives_the_key_that_was_drawn()
    {
        FileKeyProvider provider = FileKeyProvider.Create(KeyPath, static key32 => Convert.FromHexString(KnownKey.Hex).CopyTo(key32));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeyPath));
        Assert.Equal(KnownKey.Hex, await File.ReadAllTextAsync(KeyPath));
        await KnownKey.FetchedFrom(provider);
    }

    [Fact]
    public void K5_A_new_key_never_replaces_one_that_is_there()
    {
        Write(KnownKey.Hex);
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => FileKeyProvider.Create(KeyPath, static key32 => key32.Fill(7)));
        Assert.Equal("data_unwritable", refused.Code);
        Assert.Equal(KnownKey.Hex, File.ReadAllText(KeyPath));
        Assert.Equal([KeyPath], Directory.GetFiles(_folder));
    }

    private void Write(string content, UnixFileMode mode = OwnerOnly)
    {
        File.WriteAllText(KeyPath, content);
        File.SetUnixFileMode(KeyPath, mode);
    }

    [DllImport("libc", EntryPoint = "chown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
}
