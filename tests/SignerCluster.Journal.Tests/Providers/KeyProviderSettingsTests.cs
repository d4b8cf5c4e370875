using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Providers;
using SignerCluster.Journal.Tests.Keys;

namespace SignerCluster.Journal.Tests.Providers;

/// <summary>K5: which provider a node uses is said strictly, and production takes no key from the environment.</summary>
public sealed class KeyProviderSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-key-provider").FullName;

    private string DocumentPath => Path.Combine(_folder, KeyProviderSettings.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("production", false)]
    [InlineData("staging", true)]
    [InlineData("Development", true)]
    [InlineData("development ", true)]
    public void K5_Every_profile_but_development_is_production_and_an_unknown_one_is_told(string? name, bool unknown)
    {
        Assert.Equal(Profile.Production, Profile.Parse(name, out bool isUnknown));
        Assert.Equal(unknown, isUnknown);
        Assert.Equal("production", $"{default(Profile)}");
    }

    [Fact]
    public async Task K5_The_environment_gives_a_key_in_development_and_is_refused_in_production()
    {
        Assert.True(Profile.Parse("development", out bool isUnknown).IsDevelopment && !isUnknown);
        Assert.Equal("key_provider_refused", Assert.Throws<KeyProviderException>(static () => new EnvironmentKeyProvider("SIGNER_TEST_KEK", default)).Code);
        EnvironmentKeyProvider provider = new("SIGNER_TEST_KEK", Profile.Development);
        await KnownKey.Refused(provider, "key_unavailable", isTransient: false);
        try
        {
            Environment.SetEnvironmentVariable("SIGNER_TEST_KEK", KnownKey.Hex);
            await KnownKey.FetchedFrom(provider);
            foreach (string wrong in (string[])["c0ffee", KnownKey.Hex + "\n", KnownKey.Hex + "00", KnownKey.Hex[1..] + "é"])
            {
                Environment.SetEnvironmentVariable("SIGNER_TEST_KEK", wrong);
                await KnownKey.Refused(provider, "key_invalid", isTransient: false);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("SIGNER_TEST_KEK", null);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("A=B")]
    public void K5_A_variable_has_a_name(string name) =>
        Assert.Equal("key_provider_invalid", Assert.Throws<KeyProviderException>(() => new EnvironmentKeyProvider(name, Profile.Development)).Code);

    [Fact]
    public void K5_A_relative_path_starts_at_the_document_and_the_node_gets_its_own()
    {
        KeyProviderSettings settings = Load("""{"version":1,"kind":"file","path":"../keys/{node}.kek"}""", "participants-0");
        Assert.Equal(Path.Combine(Path.GetDirectoryName(_folder)!, "keys", "participants-0.kek"), settings.Path);
        Assert.IsType<FileKeyProvider>(KeyProviderSettings.Create(settings, Profile.Production, TimeProvider.System));
        Assert.Equal("/run/secrets/kek", Load("""{"version":1,"kind":"file","path":"/run/secrets/kek"}""").Path);
    }

    [Fact]
    public void K5_A_command_is_told_for_which_node_it_is_asked()
    {
        KeyProviderSettings settings = Load(
            """{"version":1,"kind":"command","arguments":["/usr/local/bin/kms","get","--id={node}","{other}"],"timeoutSeconds":5}""");
        Assert.Equal(["/usr/local/bin/kms", "get", "--id=coordinator", "{other}"], settings.Arguments);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.Timeout);
        Assert.Equal("command /usr/local/bin/kms", KeyProviderSettings.Create(settings, Profile.Production, TimeProvider.System).ToString());
        Assert.Null(Load("""{"version":1,"kind":"command","arguments":["/usr/local/bin/kms"]}""").Timeout);
    }

    [Fact]
    public void K5_The_profile_is_heard_when_a_provider_is_made_from_its_settings()
    {
        KeyProviderSettings settings = Load("""{"version":1,"kind":"env","variable":"SIGNER_KEK"}""");
        Assert.IsType<EnvironmentKeyProvider>(KeyProviderSettings.Create(settings, Profile.Development, TimeProvider.System));
        Assert.Equal(
            "key_provider_refused",
            Assert.Throws<KeyProviderException>(() => KeyProviderSettings.Create(settings, Profile.Production, TimeProvider.System)).Code);
    }

    [Fact]
    public void K5_Settings_that_cannot_work_make_no_provider()
    {
        KeyProviderSettings[] wrong =
        [
            new(KeyProviderKind.File),
            new(KeyProviderKind.Env),
            new(KeyProviderKind.Command),
            new(KeyProviderKind.Command, Arguments: ["kms"]),
            new(KeyProviderKind.Command, Arguments: ["/bin/kms"], Timeout: TimeSpan.FromSeconds(301)),
        ];
        Assert.All(wrong, static settings => Assert.Equal(
            "key_provider_invalid",
            Assert.Throws<KeyProviderException>(() => KeyProviderSettings.Create(settings, Profile.Development, TimeProvider.System)).Code));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"kind":"file","path":"kek"}""")]
    [InlineData("""{"version":2,"kind":"file","path":"kek"}""")]
    [InlineData("""{"version":1,"path":"kek"}""")]
    [InlineData("""{"version":1,"kind":"vault","path":"kek"}""")]
    [InlineData("""{"version":1,"kind":"file"}""")]
    [InlineData("""{"version":1,"kind":"file","path":""}""")]
    [InlineData("""{"version":1,"kind":"file","path":"kek","mode":384}""")]
    [InlineData("""{"version":1,"kind":"file","path":"kek","path":"other"}""")]
    [InlineData("""{"version":1,"kind":"file","path":"kek","variable":"SIGNER_KEK"}""")]
    [InlineData("""{"version":1,"kind":"file","path":"kek","timeoutSeconds":30}""")]
    [InlineData("""{"version":1,"kind":"env","variable":"SIGNER_KEK","path":"kek"}""")]
    [InlineData("""{"version":1,"kind":"env"}""")]
    [InlineData("""{"version":1,"kind":"command","arguments":[]}""")]
    [InlineData("""{"version":1,"kind":"command","arguments":"/bin/kms get"}""")]
    [InlineData("""{"version":1,"kind":"command","arguments":["/bin/kms",null]}""")]
    [InlineData("""{"version":1,"kind":"command","arguments":["/bin/kms"],"timeoutSeconds":"30"}""")]
    [InlineData("""{"version":1,"kind":"command","arguments":["/bin/kms"],"timeoutSeconds":2.5}""")]
    [InlineData("""{"version":1,"kind":"command","arguments":["/bin/kms"],"path":"kek"}""")]
    public void K5_A_document_that_says_anything_else_is_refused(string document)
    {
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => Load(document));
        Assert.Equal("file_invalid", refused.Code);
        Assert.Contains(DocumentPath, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void K5_A_missing_document_is_said() =>
        Assert.Equal("data_missing", Assert.Throws<DataDirectoryException>(() => KeyProviderSettings.Load(DocumentPath, "coordinator")).Code);

    [Theory]
    [InlineData("")]
    [InlineData("../coordinator")]
    [InlineData("a b")]
    public void K5_The_name_of_a_node_cannot_lead_elsewhere(string node) =>
        Assert.Throws<ArgumentException>(() => KeyProviderSettings.Load(DocumentPath, node));

    [Fact]
    public void K5_What_is_saved_is_what_is_loaded()
    {
        KeyProviderSettings[] all =
        [
            new(KeyProviderKind.File, Path: "/run/secrets/kek"),
            new(KeyProviderKind.Env, Variable: "SIGNER_KEK"),
            new(KeyProviderKind.Command, Arguments: ["/usr/local/bin/kms", "é\"'"], Timeout: TimeSpan.FromSeconds(7)),
        ];
        foreach (KeyProviderSettings settings in all)
        {
            settings.Save(DocumentPath);
            KeyProviderSettings loaded = KeyProviderSettings.Load(DocumentPath, "coordinator");
            Assert.Equal(settings with { Arguments = null }, loaded with { Arguments = null });
            Assert.Equal(settings.Arguments, loaded.Arguments);
            File.Delete(DocumentPath);
        }
    }

    private KeyProviderSettings Load(string document, string node = "coordinator")
    {
        File.WriteAllText(DocumentPath, document);
        return KeyProviderSettings.Load(DocumentPath, node);
    }
}
