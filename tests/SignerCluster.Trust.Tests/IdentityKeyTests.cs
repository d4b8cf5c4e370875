using System.Security.Cryptography;
using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Tests;

/// <summary>An identity is a file that its owner alone may read.</summary>
public sealed class IdentityKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-identity").FullName;

    private string Path => System.IO.Path.Combine(_folder, "identity.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_that_was_made_is_loaded_again_and_signs_under_its_public_part()
    {
        using IdentityKey made = IdentityKey.Create(Path, RandomNumberGenerator.Fill);
        using IdentityKey loaded = IdentityKey.Load(Path);
        Assert.Equal(made.Public, loaded.Public);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        byte[] message = [1, 2, 3];
        Assert.True(Bip340.Verify(made.Public, message, loaded.Sign(message, new byte[32])));
    }

    [Fact]
    public void A_key_is_never_put_over_another()
    {
        using IdentityKey made = IdentityKey.Create(Path, RandomNumberGenerator.Fill);
        Assert.Equal("data_unwritable", Assert.Throws<DataDirectoryException>(() => IdentityKey.Create(Path, RandomNumberGenerator.Fill)).Code);
        using IdentityKey loaded = IdentityKey.Load(Path);
        Assert.Equal(made.Public, loaded.Public);
    }

    [Fact]
    public void Entropy_that_is_no_key_is_drawn_again()
    {
        int drawn = 0;
        using IdentityKey made = IdentityKey.Create(Path, destination => destination.Fill(drawn++ == 0 ? (byte)0xFF : (byte)7));
        Assert.Equal(2, drawn);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_key_that_others_may_touch_is_refused_with_the_command_that_helps(UnixFileMode others)
    {
        IdentityKey.Create(Path, RandomNumberGenerator.Fill).Dispose();
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => IdentityKey.Load(Path));
        Assert.Equal("key_file_exposed", refused.Code);
        Assert.Contains($"chmod 600 {Path}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_key_is_named_with_what_to_do()
    {
        DataDirectoryException missing = Assert.Throws<DataDirectoryException>(() => IdentityKey.Load(Path));
        Assert.Equal("identity_missing", missing.Code);
        Assert.Contains($"signer pki identity --out {Path}", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001 ")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001\n\n")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000g")]
    public void What_is_no_key_is_refused(string text)
    {
        File.WriteAllText(Path, text);
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal("identity_invalid", Assert.Throws<DataDirectoryException>(() => IdentityKey.Load(Path)).Code);
    }

    [Fact]
    public void N2_An_identity_shows_its_public_part_and_works_no_more_once_it_is_destroyed()
    {
        IdentityKey made = IdentityKey.Create(Path, RandomNumberGenerator.Fill);
        Assert.Contains("<redacted>", made.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadAllText(Path).Trim(), made.ToString(), StringComparison.OrdinalIgnoreCase);
        made.Dispose();
        Assert.Throws<ObjectDisposedException>(() => made.Sign([1], new byte[32]));
    }
}
