using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Actors.Remoting;
using SignerCluster.Conformance;

namespace SignerCluster.Actors.Tests.Remoting;

public sealed class PinnedPeersTests : IDisposable
{
    private readonly TestParty _party = new();
    private readonly Lines _log = new();

    public void Dispose() => _party.Dispose();

    [Fact]
    public void L1_A_pin_is_the_hash_of_the_key_so_a_renewed_certificate_keeps_it()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=node", key, HashAlgorithmName.SHA256);
        using X509Certificate2 first = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(-1));
        using X509Certificate2 renewed = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), PinnedPeers.PinOf(first));
        Assert.Equal(PinnedPeers.PinOf(first), PinnedPeers.PinOf(renewed));
    }

    [Fact]
    public void L1_A_pinned_certificate_is_good_within_its_time_only_and_no_certificate_never_is()
    {
        X509Certificate2 certificate = _party.Issue();
        ManualTime time = new(new DateTimeOffset(certificate.NotBefore));
        PinnedPeers peers = new([PinnedPeers.PinOf(certificate)], time, _log);
        Assert.True(peers.Accepts(certificate, "peer"));
        Assert.False(peers.Accepts(_party.Issue(), "peer"));
        Assert.False(peers.Accepts(null, "peer"));
        time.Advance(TimeSpan.FromDays(9));
        Assert.True(peers.Accepts(certificate, "peer"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(peers.Accepts(certificate, "peer"));
    }

    [Fact]
    public void A_flood_of_refusals_is_a_line_every_ten_seconds_with_their_number()
    {
        ManualTime time = new();
        PinnedPeers peers = new([new string('0', 64)], time, _log);
        for (int refusal = 0; refusal < 1000; refusal++)
        {
            Assert.False(peers.Accepts(null, "peer"));
        }

        Assert.Equal(1, _log.Count("was refused"));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(peers.Accepts(null, "peer"));
        Assert.Equal(1, _log.Count("999 more were refused"));
    }

    [Theory]
    [InlineData]
    [InlineData("")]
    [InlineData("0x00")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_pin_is_refused(params string[] pins) =>
        Assert.Throws<ArgumentException>(() => new PinnedPeers(pins, TimeProvider.System, _log));
}
