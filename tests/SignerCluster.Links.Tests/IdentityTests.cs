namespace SignerCluster.Links.Tests;

/// <summary>Certificates on disk, and pins.</summary>
public sealed class IdentityTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Network _network = new("alice");

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public void A_pin_is_64_digits_of_lower_case_hex()
    {
        string pin = _network.Coordinator.Pin;
        Assert.Matches("^[0-9a-f]{64}$", pin);
        Assert.All([pin[1..], pin + "0", pin.ToUpperInvariant(), new string('g', 64)], wrong => Assert.Throws<ArgumentException>(() => Pins(("x", wrong))));
    }

    [Fact]
    public void A_key_is_one_party_and_a_party_may_have_several_keys()
    {
        string first = _network.Coordinator.Pin;
        string second = _network.Certificates["alice"].Pin;
        Assert.Throws<ArgumentException>(() => Pins(("x", first), ("y", first)));
        LinkPins pins = new(new Dictionary<string, IReadOnlyList<string>> { ["x"] = [first, second] });
        Assert.Equal("x", pins.PartyOf(_network.Coordinator.Link.Current));
        Assert.Equal("x", pins.PartyOf(_network.Certificates["alice"].Link.Current));
        Assert.Null(Pins(("x", first)).PartyOf(_network.Certificates["alice"].Link.Current));
    }

    [Fact]
    public void A_certificate_that_is_missing_garbled_or_not_of_its_key_is_refused_by_name_and_without_the_key()
    {
        TestCertificate one = _network.Coordinator;
        TestCertificate other = _network.Certificates["alice"];
        AssertUnreadable(one.CertificateFile + ".gone", one.KeyFile);
        AssertUnreadable(one.CertificateFile, one.KeyFile + ".gone");
        AssertUnreadable(one.CertificateFile, other.KeyFile);
        AssertUnreadable(one.KeyFile, one.CertificateFile);
    }

    [Fact]
    public void A_renewed_certificate_is_seen_after_a_while_and_one_that_is_half_written_leaves_the_old_one()
    {
        TestClock clock = new();
        TestCertificate files = _network.Coordinator;
        using var certificate = LinkCertificate.Load(files.CertificateFile, files.KeyFile, clock);
        string before = LinkPins.Of(certificate.Current);
        string key = File.ReadAllText(files.KeyFile);
        string after = files.Write(validUntil: TimeSpan.FromDays(9));
        string newKey = File.ReadAllText(files.KeyFile);
        File.WriteAllText(files.KeyFile, key);
        Assert.Equal(before, LinkPins.Of(certificate.Current));

        clock.Now += TimeSpan.FromSeconds(3);
        Assert.Equal(before, LinkPins.Of(certificate.Current));
        Assert.NotNull(certificate.Fault);

        File.WriteAllText(files.KeyFile, newKey);
        clock.Now += TimeSpan.FromSeconds(3);
        Assert.Equal(after, LinkPins.Of(certificate.Current));
        Assert.Null(certificate.Fault);
        Assert.InRange(certificate.NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(8), TimeSpan.FromDays(10));
    }

    [Fact]
    public async Task Each_end_of_a_link_knows_when_the_certificate_of_the_other_ends()
    {
        await _network.ListenAsync();
        LinkDialer alice = await _network.JoinAsync("alice");
        Assert.Equal(_network.Coordinator.Link.NotAfter, alice.Links[0].CertificateEnds);
        Assert.Equal(_network.Certificates["alice"].Link.NotAfter, _network.Listener.Links[0].CertificateEnds);
        Assert.Equal(($"127.0.0.1:{_network.Port}", "alice/alice-1"), (alice.Links[0].Peer, _network.Listener.Links[0].Peer));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused_by_name()
    {
        await _network.ListenAsync();
        int port = _network.Port;
        LinkException refused = await Assert.ThrowsAsync<LinkException>(() => _network.ListenAsync(port));
        Assert.Equal(LinkException.ListenFailed, refused.Code);
    }

    [Fact]
    public void A_party_fills_no_more_than_its_own_places_with_names_of_nodes()
    {
        PartyLinks party = new("alice");
        List<AcceptedLink> links = [.. Enumerable.Range(0, PartyLinks.MaximumNodes + 1).Select(number =>
            new AcceptedLink(new LinkState("alice", $"n-{number}", "x", IsUp: true, Fault: null, DateTimeOffset.UnixEpoch), new(TimeProvider.System, new()), new(), TimeProvider.System))];
        Assert.Equal(PartyLinks.MaximumNodes, links.Count(party.TryAdd));
        links.ForEach(static link => link.Dispose());
        foreach (AcceptedLink link in links)
            party.Remove(link, DateTimeOffset.UnixEpoch);
        Assert.Equal(PartyLinks.MaximumNodes, party.States.Count());
        Assert.All(party.States, static state => Assert.False(state.IsUp));
    }

    private static void AssertUnreadable(string certificateFile, string keyFile)
    {
        LinkException refused = Assert.Throws<LinkException>(() => LinkCertificate.Load(certificateFile, keyFile, TimeProvider.System));
        Assert.Equal((LinkException.CertificateUnreadable, false), (refused.Code, refused.IsTransient));
        Assert.Contains(certificateFile, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", refused.ToString(), StringComparison.Ordinal);
    }

    private static LinkPins Pins(params (string Party, string Pin)[] pins) =>
        new(pins.ToDictionary(static one => one.Party, static one => (IReadOnlyList<string>)[one.Pin]));

    private sealed class TestClock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
