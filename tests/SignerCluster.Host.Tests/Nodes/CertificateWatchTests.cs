using Microsoft.Extensions.Logging;
using SignerCluster.Conformance;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Tests.Http;
using SignerCluster.Links;

namespace SignerCluster.Host.Tests.Nodes;

/// <summary>An operator hears of a certificate thirty days before it ends, and of one that has.</summary>
public sealed class CertificateWatchTests : IDisposable
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private readonly ManualTime _time = new();
    private readonly RecordedLogs _logs = new();
    private readonly List<string> _faults = [];
    private WatchedCertificate _own;

    public CertificateWatchTests() => _own = Own(TimeSpan.FromDays(31));

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Thirty_days_before_its_end_a_certificate_is_warned_of_at_once_and_then_once_a_day()
    {
        await using CertificateWatch watch = Watch();
        Assert.Equal((0, 0, 31), (watch.Warnings.Count, Said("expires on"), _own.DaysLeft(_time.GetUtcNow())));

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, Said("expires on"));
        _time.Advance(_minute);
        Assert.Equal(1, Said("expires on 2026-02-01 00:00:00 UTC, 29 days from now. Renew it."));
        Assert.Single(watch.Warnings);
        Assert.Empty(watch.Faults);

        _time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(1, Said("expires on"));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(2, Said("expires on"));
    }

    [Fact]
    public async Task One_that_ends_soon_when_the_node_starts_is_said_at_the_start_and_a_renewed_one_no_more()
    {
        _own = Own(TimeSpan.FromDays(3));
        await using CertificateWatch watch = Watch();
        Assert.Equal(1, Said("expires on"));

        _own = Own(TimeSpan.FromDays(365));
        _time.Advance(TimeSpan.FromDays(3));
        Assert.Equal(1, Said("expires on"));
        Assert.Empty(watch.Warnings);

        _own = Own(TimeSpan.FromDays(5));
        _time.Advance(_minute);
        Assert.Equal(2, Said("expires on"));
    }

    [Fact]
    public async Task One_that_expires_is_a_fault_that_says_what_to_do_and_another_party_s_is_none()
    {
        _own = Own(TimeSpan.FromHours(1));
        await using CertificateWatch watch = Watch();
        _time.Advance(TimeSpan.FromHours(1) + _minute);
        Assert.Equal(1, Said("expired on"));
        Assert.Contains("Renew it.", Assert.Single(watch.Faults), StringComparison.Ordinal);
        Assert.Equal(watch.Faults, watch.Warnings);

        _own = _own with { Kind = "peer", Peer = "bob/bob-1" };
        Assert.Empty(watch.Faults);
        Assert.Single(watch.Warnings);
    }

    [Fact]
    public async Task A_renewed_certificate_that_cannot_be_read_is_warned_of_until_it_can()
    {
        await using CertificateWatch watch = Watch();
        _faults.Add("participant.tls changed and cannot be used");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, Said("cannot be used"));
        Assert.Equal(_faults, watch.Warnings);
        Assert.Empty(watch.Faults);
        _faults.Clear();
        Assert.Empty(watch.Warnings);
    }

    [Fact]
    public void A_role_watches_what_its_links_show_what_its_cluster_took_and_who_was_met_or_refused()
    {
        using NodeFolder folder = new();
        string pem = folder.PathOf("node.pem");
        using LinkCertificate files = LinkCertificate.Load(pem, folder.PathOf("node.key"), _time);
        DateTimeOffset joined = files.NotAfter;
        RoleCertificates certificates = new("alice", "participant.tls", files, joined);
        Assert.Equal(["link"], certificates.Own.Select(static one => one.Kind));
        Assert.Equal(["cluster"], new RoleCertificates("alice", "participant.tls", files, joined - _minute).Own.Skip(1).Select(static one => one.Kind));

        File.WriteAllText(pem, "half of it");
        _time.Advance(_minute);
        Assert.StartsWith("participant.tls of alice changed", certificates.Fault, StringComparison.Ordinal);
        Assert.Equal(joined, certificates.Own.First().Ends);

        LinkState up = new("bob", "bob-1", "x", IsUp: true, Fault: null, joined) { CertificateEnds = joined };
        WatchedCertificate[] peers = [.. certificates.Peers([up, up with { IsUp = false }], [new PeerCertificate("carol", DateTimeOffset.UnixEpoch)])];
        Assert.Equal(["bob/bob-1", "carol"], peers.Select(static one => one.Peer));
        Assert.StartsWith("The certificate of carol expired on 1970-01-01", peers[1].Warning(_time.GetUtcNow()), StringComparison.Ordinal);
    }

    private WatchedCertificate Own(TimeSpan left) =>
        new("link", "alice", null, "This node's certificate", _time.GetUtcNow() + left, "Renew it.");

    private CertificateWatch Watch() => new(() => [_own], () => _faults, _time, _logs.CreateLogger<CertificateWatch>());

    private int Said(string what) => _logs.All.Split('\n').Count(line => line.Contains(what, StringComparison.Ordinal));
}
