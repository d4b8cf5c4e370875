using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Pki;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Trust;

namespace SignerCluster.Host.Tests.Nodes;

/// <summary>What a node believes of its own certificate before it shows it to anybody.</summary>
public sealed class PartyTrustTests : IDisposable
{
    private readonly NodeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_certificate_that_the_roster_pins_for_the_party_is_good()
    {
        using PartyTrust trust = Load();
        using X509Certificate2 pinned = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf("node.pem"));
        trust.RequirePinned(pinned, "node.pem");
        Assert.Equal([_folder.Pin], trust.Self.Self.Pins);
    }

    [Theory]
    [InlineData("other.pem")]
    [InlineData("coordinator.pem")]
    public void A_certificate_that_is_pinned_for_nobody_or_for_another_party_is_refused_with_what_to_do(string file)
    {
        using PartyTrust trust = Load();
        using X509Certificate2 other = X509CertificateLoader.LoadCertificateFromFile(_folder.PathOf(file));
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => trust.RequirePinned(other, file));
        Assert.Equal(("certificate_not_pinned", false), (refused.Code, refused.IsTransient));
        string[] parts = [file, NodeCertificate.PinOf(other), "alice", "Have all operators add it to the roster"];
        Assert.All(parts, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
    }

    private PartyTrust Load()
    {
        NodeSettings node = NodeSettings.Load(_folder.Write(), static _ => null);
        return PartyTrust.Load(node.Participant!, node, PartyRole.Participant, NullLoggerFactory.Instance);
    }
}
