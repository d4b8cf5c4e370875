using System.Runtime.CompilerServices;

namespace SignerCluster.Host.Tests.Compose;

/// <summary>
/// The containers' files agree with each other and with the repository. They cannot be run everywhere; a wrong name in them can be found everywhere.
/// </summary>
public sealed class ComposeTests
{
    private const string Cluster = "docker-compose.cluster.yml";
    private const string Image = "Dockerfile";
    private static readonly string _repository = Locate();

    [Fact]
    public void The_files_agree_with_each_other_and_with_the_repository() => Assert.Empty(Check(static (_, text) => text));

    [Theory]
    [InlineData(Cluster, "  read_only: true\n  cap_drop", "  cap_drop", "database: its root file system can be written")]
    [InlineData(Cluster, "cap_drop: [ALL]", "cap_drop: [NET_RAW]", "database: it keeps capabilities")]
    [InlineData(Cluster, "user: \"1654:1654\"", "user: \"0:0\"", "alice-1: its user is not a number other than 0")]
    [InlineData(Cluster, "user: \"1654:1654\"", "user: \"1000:1000\"", "alice-1: its user is not that of the image, 1654:1654")]
    [InlineData(Cluster, "postgres:15.14-bookworm", "postgres:latest", "database: its image postgres:latest is not pinned")]
    [InlineData(Cluster, "{ condition: service_healthy }", "{ condition: service_started }", "bob-1: it does not wait for a healthy database")]
    [InlineData(Cluster, "cluster-participant.conf", "cluster-participants.conf", "carol-1: it does not start a node with a file of hocon/")]
    [InlineData(Cluster, "  SIGNER_DATABASE_HOST: database\n", "", "alice-1: SIGNER_DATABASE_HOST is read and not set")]
    [InlineData(
        Cluster,
        "  SIGNER_DATABASE_HOST: database\n",
        "  SIGNER_DATABASE_HOST: database\n  SIGNER_COLOUR: red\n",
        "alice-1: SIGNER_COLOUR is set and nobody reads it")]
    [InlineData(Cluster, "SIGNER_DATABASE_PORT: \"5432\"", "SIGNER_DATABASE_PORT: \"5433\"", "alice-1: nothing listens at database:5433")]
    [InlineData(Cluster, "SIGNER_LINKS_COORDINATORS: coordinator-1:7440,", "SIGNER_LINKS_COORDINATORS: ", "alice-1: it does not dial coordinator-1:7440")]
    [InlineData(Cluster, "coordinator-2:7440", "coordinatr-2:7440", "bob-1: nothing accepts links at coordinatr-2:7440")]
    [InlineData(Cluster, "\"0.0.0.0:7440\"", "\"0.0.0.0:7443\"", "carol-1: nothing accepts links at coordinator-1:7440")]
    [InlineData(Cluster, "\"0.0.0.0:7440\"", "\"127.0.0.1:7440\"", "carol-1: nothing accepts links at coordinator-1:7440")]
    [InlineData(Cluster, "      links:\n      bob:", "      bob:", "bob-1: it shares no network for links with coordinator-1")]
    [InlineData(Cluster, "LISTEN: 10.72.1.11:7441", "LISTEN: \"0.0.0.0:7441\"", "alice-1: it listens for its party on no network of its own")]
    [InlineData(Cluster, "alice: { ipv4_address: 10.72.1.11", "alice: { ipv4_address: 10.72.1.12", "alice-1: it listens for its party on no network of its own")]
    [InlineData(Cluster, "alice: { ipv4_address: 10.72.1.11 }", "bob: { ipv4_address: 10.72.1.11 }", "bob-1: its party's network has a node of another party")]
    [InlineData(Cluster, "subnet: 10.72.1.0/24", "subnet: 10.72.9.0/24", "alice-1: 10.72.1.11 is no address of the network alice")]
    [InlineData(Cluster, "alice: { internal: true", "alice: { internal: false", "alice-1: its party's network has a way out")]
    [InlineData(
        Cluster,
        "SIGNER_NODES_ALL: 10.72.0.11:7441,10.72.0.12:7441",
        "SIGNER_NODES_ALL: 10.72.0.11:7441,10.72.0.13:7441",
        "coordinator-1: it does not know the nodes of its party")]
    [InlineData(Cluster, "(identity.key, node.pem, node.key, ", "(identity.key, ", "carol-1: the header does not say who makes /run/signer/secrets/node.key")]
    [InlineData(
        Cluster,
        "SIGNER_HTTP_LISTEN: \"0.0.0.0:7420\"",
        "SIGNER_HTTP_LISTEN: \"0.0.0.0:7421\"",
        "coordinator-1: its health check asks another program or port")]
    [InlineData(Cluster, "\"healthcheck\", \"--url\"", "\"health\", \"--url\"", "coordinator-1: its health check asks another program or port")]
    [InlineData(Cluster, "127.0.0.1:7421:7420", "7421:7420", "coordinator-2: it publishes another port, or to others than this machine")]
    [InlineData(Cluster, "secrets/bob, target", "secrets/alice, target", "bob-1: it has the secrets of another party")]
    [InlineData(Cluster, "SIGNER_NODE_NAME: coordinator-2", "SIGNER_NODE_NAME: coordinator-1", "SIGNER_NODE_NAME: coordinator-1 is there twice")]
    [InlineData(Cluster, "SIGNER_SECRETS: /run/signer/secrets", "SIGNER_SECRETS: /run/secret", "alice-1: nothing is mounted at /run/secret/identity.key")]
    [InlineData(Cluster, "ssl_key_file=/run/tls", "ssl_key_file=/run/tsl", "database: nothing is mounted at /run/tsl/database.key")]
    [InlineData(Cluster, "secrets: [administrator-password]", "secrets: [admin-password]", "database: secrets has no admin-password")]
    [InlineData(
        Cluster,
        "source: ./artifacts/compose/databases.sql",
        "source: ./artifacts/compose/dump.sql",
        "database: the header does not say who makes ./artifacts/compose/dump.sql")]
    [InlineData(Cluster, "#   ./signer pki", "#   ./signer pkey", "header: the verb pkey does not exist")]
    [InlineData(
        Image,
        "signer.dll\"",
        "SignerCluster.Host.dll\"",
        "Dockerfile: the entry point starts /opt/signer/SignerCluster.Host.dll, and the project makes signer.dll")]
    [InlineData(
        Image, "COPY --from=build /program /opt/signer", "COPY --from=build /program /opt/program", "Dockerfile: the program is not copied to /opt/signer")]
    [InlineData(Image, "aspnet:10.0.12-noble", "aspnet:10.0", "Dockerfile: mcr.microsoft.com/dotnet/aspnet:10.0 is not pinned")]
    [InlineData(Image, "COPY hocon/ hocon/", "COPY configuration/ hocon/", "Dockerfile: it copies configuration/, which the repository does not have")]
    [InlineData(".dockerignore", "!src\n", "", "Dockerfile: .dockerignore keeps src/ out")]
    public void A_planted_mistake_is_found(string file, string right, string wrong, string finding) => Assert.Contains(finding, Check((name, text) =>
    {
        Assert.True(name != file || text.Contains(right, StringComparison.Ordinal), $"{file} does not hold '{right}' any more.");
        return name == file ? text.Replace(right, wrong, StringComparison.Ordinal) : text;
    }));

    private static IReadOnlyList<string> Check(Func<string, string, string> edit)
    {
        ImageFile image = new(Read(Image), Read(".dockerignore"), _repository);
        return [.. image.Findings, .. new ComposeCheck(Read(Cluster), image, _repository).Run()];

        string Read(string name) => edit(name, File.ReadAllText(Path.Combine(_repository, name)));
    }

    private static string Locate([CallerFilePath] string thisFile = "")
    {
        // A deterministic build may map the path of this file away; the output folder is inside the checkout then.
        foreach (string start in (string[])[Path.GetDirectoryName(thisFile)!, AppContext.BaseDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, Cluster)))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException($"{Cluster} is in no folder above this test.");
    }
}
