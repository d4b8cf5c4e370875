using System.Diagnostics;
using SignerCluster.Journal.Documents;

namespace SignerCluster.Journal.Tests.Documents;

/// <summary>What others may put where a file is looked for.</summary>
public sealed class RegularFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-regular-");

    private string Here => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(9, 9)]
    [InlineData(10, 10)]
    [InlineData(11, 11)]
    [InlineData(5000, 11)]
    public void A_file_is_read_whole_or_one_byte_further_than_it_may_be_long(int length, int read)
    {
        byte[] content = [.. Enumerable.Range(0, length).Select(static place => (byte)place)];
        File.WriteAllBytes(Here, content);
        Assert.Equal(content[..read], RegularFile.Read(Here, 10).ToArray());
        File.CreateSymbolicLink($"{Here}.link", Here);
        Assert.Equal(content[..read], RegularFile.Read($"{Here}.link", 10).ToArray());
    }

    [Fact]
    public void Nothing_and_a_link_to_nothing_are_told_from_what_cannot_be_read()
    {
        Assert.Throws<FileNotFoundException>(() => RegularFile.Read(Here, 10));
        Assert.Throws<FileNotFoundException>(() => RegularFile.Read(Path.Combine(Here, "below"), 10));
        File.CreateSymbolicLink($"{Here}.link", Here);
        Assert.Throws<FileNotFoundException>(() => RegularFile.Read($"{Here}.link", 10));
        File.WriteAllText(Here, "text");
        Assert.Throws<FileNotFoundException>(() => RegularFile.Read(Path.Combine(Here, "below"), 10));
        Assert.Contains("is not a regular file", Assert.Throws<IOException>(() => RegularFile.Read(_folder.FullName, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_that_nobody_writes_to_keeps_nobody_waiting()
    {
        using (Process made = Process.Start("mkfifo", [Here]))
        {
            made.WaitForExit();
        }

        Assert.Contains("is not a regular file", Assert.Throws<IOException>(() => RegularFile.Read(Here, 10)).Message, StringComparison.Ordinal);
    }
}
