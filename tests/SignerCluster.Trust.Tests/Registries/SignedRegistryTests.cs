using System.Text;
using System.Text.Json;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Trust.Tests.Registries;

/// <summary>What a registry file says, and what is none.</summary>
public sealed class SignedRegistryTests
{
    private const string Key1 = SampleRegistry.Key1;
    private const string LargeKey1 = "79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798";
    private const string ZeroKey = "0000000000000000000000000000000000000000000000000000000000000000";
    private static readonly JsonSerializerOptions _spread = new() { WriteIndented = true };
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(SampleRegistry.AsOf);

    private static RegistrySettings Settings { get; } = new("registry.json", SampleRegistry.Signer.Public, RegistryNetwork.Regtest);

    [Fact]
    public void C6_Everything_that_a_registry_says_is_read_and_what_it_leaves_out_is_absent()
    {
        SignedRegistry registry = SampleRegistry.Read(SampleRegistry.Seal(SampleRegistry.Text));
        Assert.Equal((SampleRegistry.AsOf, RegistryNetwork.Regtest, 850_000u), (registry.AsOf, registry.Network, registry.Height));
        Assert.Equal(["alpha", "beta_2-x"], registry.Reserves.Keys.Order(StringComparer.Ordinal));
        ReserveRecord alpha = registry.Reserves["alpha"];
        Assert.Equal((7UL, true), (alpha.Epoch, alpha.NeedsCertificate));
        Assert.Equal([GroupId.Parse(Key1)], alpha.Groups);
        Assert.Equal(
            [SampleRegistry.Key2, SampleRegistry.Key3, SampleRegistry.Key4],
            [alpha.Depositors!.Single().ToString(), alpha.Custodians.Single().ToString(), alpha.Quoter!.Value.ToString()]);
        ReserveRecord beta = registry.Reserves["beta_2-x"];
        Assert.Equal((0UL, false, 2), (beta.Epoch, beta.NeedsCertificate, beta.Groups.Count));
        Assert.Null(beta.Depositors);
        Assert.Null(beta.Quoter);
        Assert.Empty(beta.Custodians);
        Assert.Null(SampleRegistry.Read(SampleRegistry.Seal(With("\"height\":850000,", string.Empty))).Height);
    }

    /// <summary>Made by a program of its own, in another language, from BIP-0340, RFC 8785 and the domain.</summary>
    [Fact]
    public void The_signature_is_over_the_tagged_hash_of_the_canonical_registry()
    {
        const string signature = "d41c9c33f7065de418c53cd769a823158234c1ccd5734862928be302e64839fd"
            + "c07edd6674c5aa5c5d399d23c0d42d6c717c88313e97300ed2b49bf9d262727a";
        Assert.Equal("989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f", SampleRegistry.Signer.Public.ToString());
        SignedRegistry registry = SampleRegistry.Read(SampleRegistry.Join(SampleRegistry.Text, signature));
        Assert.Equal("0b0534d5ed670c1f8677e2b1846edad01b9c97142e51cff33f188037ce47e494", registry.Digest.ToString());
    }

    [Fact]
    public void What_is_signed_is_canonical_and_is_read_back_the_same()
    {
        byte[] file = SampleRegistry.Sign(SampleRegistry.Text);
        Assert.StartsWith($$"""{"registry":{"asOf":{{SampleRegistry.AsOf}},"height":850000,"network":"regtest",""", Encoding.UTF8.GetString(file));
        SignedRegistry registry = SampleRegistry.Read(file);
        Assert.Equal(SampleRegistry.Read(SampleRegistry.Seal(SampleRegistry.Text)).Digest, registry.Digest);
        // A signed file is signed anew, whoever signed it before.
        string signed = Encoding.UTF8.GetString(SampleRegistry.Seal(SampleRegistry.Text, SampleRegistry.Stranger));
        Assert.Equal(registry.Digest, SampleRegistry.Read(SampleRegistry.Sign(signed)).Digest);
    }

    [Fact]
    public void Spaces_and_the_order_of_members_mean_nothing()
    {
        JsonElement signed = JsonDocument.Parse(SampleRegistry.Sign(SampleRegistry.Text)).RootElement;
        string spread = JsonSerializer.Serialize(signed, _spread);
        SampleRegistry.Read(Encoding.UTF8.GetBytes($" {spread}\r\n"));
        SampleRegistry.Read(Encoding.UTF8.GetBytes($$"""{"signature":"{{signed.GetProperty("signature")}}","registry":{{SampleRegistry.Text}}}"""));
    }

    [Fact]
    public void C6_A_file_of_which_any_byte_is_another_is_never_taken()
    {
        byte[] file = SampleRegistry.Sign(SampleRegistry.Text);
        for (int place = 0; place < file.Length; place++)
        {
            byte right = file[place];
            // Each bit alone; what differs in case or in the kind of space; and what ends a text, a list or a number.
            foreach (byte wrong in Enumerable.Range(0, 8).Select(bit => (byte)(right ^ (1 << bit))).Concat("\0 \t\n\r\",.:0919afAF[]{}eE-+"u8.ToArray()))
            {
                file[place] = wrong;
                Assert.True(wrong == right || !SignedRegistry.TryRead(file, SampleRegistry.Signer.Public, out _, out _), $"byte {place} as {wrong:x2}");
            }

            file[place] = right;
        }

        SampleRegistry.Read(file);
    }

    [Fact]
    public void C6_A_file_that_ends_too_soon_or_goes_on_is_never_taken()
    {
        byte[] file = SampleRegistry.Sign(SampleRegistry.Text);
        Assert.All(Enumerable.Range(0, file.Length), length => Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused(file[..length]).Reason));
        Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused([.. file, .. "{}"u8]).Reason);
        Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused([.. file, 0]).Reason);
        Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused([0xEF, 0xBB, 0xBF, .. file]).Reason);
    }

    [Fact]
    public void C6_A_registry_that_another_key_signed_or_another_domain_is_not_looked_at()
    {
        Assert.Equal(RegistryReason.SignatureInvalid, SampleRegistry.Refused(SampleRegistry.Seal(SampleRegistry.Text, SampleRegistry.Stranger)).Reason);
        Assert.Equal(RegistryReason.SignatureInvalid, SampleRegistry.Refused(SampleRegistry.Seal("{}", SampleRegistry.Stranger)).Reason);
        Bytes32 other = new TaggedHash("SignerCluster/other/v1").Compute(Protocol.Wire.CanonicalJson.Of(Encoding.UTF8.GetBytes(SampleRegistry.Text)));
        string signature = SampleRegistry.Signer.Sign(other.AsSpan(), new byte[32]).ToString();
        Assert.Equal(RegistryReason.SignatureInvalid, SampleRegistry.Refused(SampleRegistry.Join(SampleRegistry.Text, signature)).Reason);
        Assert.False(SignedRegistry.TryRead(SampleRegistry.Seal(SampleRegistry.Text), default, out _, out RegistryFault? fault));
        Assert.Equal(RegistryReason.SignatureInvalid, fault.Reason);
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":2", "$.registry.version: it is 2, not 1")]
    [InlineData("\"version\":1,", "", "$.registry: no member of a registry, without one")]
    [InlineData("\"version\":1", "\"version\":\"1\"", "$.registry.version")]
    [InlineData("\"version\":1", "\"version\":1,\"more\":1", "$.registry.more")]
    [InlineData("\"version\":1", "\"Version\":1", "$.registry.Version")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":0", "$.registry.asOf: Unix seconds, at least 1")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":-1", "$.registry.asOf: ")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":9007199254740992", "$.registry.asOf: ")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":1767225600.5", "$.registry.asOf: ")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":null", "a null at byte ")]
    [InlineData("\"network\":\"regtest\"", "\"network\":\"Regtest\"", "$.registry.network: it is mainnet, testnet, signet or regtest")]
    [InlineData("\"network\":\"regtest\"", "\"network\":\"3\"", "$.registry.network: ")]
    [InlineData("\"network\":\"regtest\",", "", "$.registry: ")]
    [InlineData("\"height\":850000", "\"height\":0", "$.registry.height: at least 1; it is left out where it is not known")]
    [InlineData("\"height\":850000", "\"height\":null", "a null at byte ")]
    [InlineData("\"height\":850000", "\"height\":-1", "$.registry.height: ")]
    [InlineData("\"height\":850000", "\"height\":4294967296", "$.registry.height: ")]
    [InlineData("\"alpha\"", "\"Alpha\"", "$.registry.reserves: a reserve is named by 1..64 of a-z, 0-9, _ and -")]
    [InlineData("\"alpha\"", "\"\"", "$.registry.reserves: a reserve is named")]
    [InlineData("\"alpha\"", "\"al pha\"", "$.registry.reserves: a reserve is named")]
    [InlineData("\"alpha\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "$.registry.reserves: a reserve is named")]
    [InlineData("\"epoch\":7", "\"epoch\":-1", "$.registry.reserves.alpha.epoch: ")]
    [InlineData("\"epoch\":7", "\"epoch\":9007199254740993", "$.registry.reserves.alpha.epoch: 0..9007199254740991")]
    [InlineData("\"epoch\":7,", "", "$.registry.reserves.alpha: ")]
    [InlineData("\"epoch\":7", "\"epoch\":null", "a null at byte ")]
    [InlineData($"\"groups\":[\"{Key1}\"]", "\"groups\":[]", "$.registry.reserves.alpha.groups: at least one key")]
    [InlineData($"\"groups\":[\"{Key1}\"],", "", "$.registry.reserves.alpha: ")]
    [InlineData($"\"groups\":[\"{Key1}\"]", $"\"groups\":[\"{Key1}\",\"{Key1}\"]", "$.registry.reserves.alpha.groups[1]: the key is there twice")]
    [InlineData($"\"groups\":[\"{Key1}\"]", $"\"groups\":[\"{LargeKey1}\"]", "alpha.groups[0]: an x-only key")]
    [InlineData($"\"groups\":[\"{Key1}\"]", "\"groups\":[null]", "a null at byte ")]
    [InlineData($"\"groups\":[\"{Key1}\"]", $"\"groups\":[\"{ZeroKey}\"]", "alpha.groups[0]: an x-only key")]
    [InlineData($"\"depositors\":[\"{SampleRegistry.Key2}\"]", "\"depositors\":[]", "$.registry.reserves.alpha.depositors: at least one key")]
    [InlineData($"\"depositors\":[\"{SampleRegistry.Key2}\"]", "\"depositors\":null", "a null at byte ")]
    [InlineData($"\"depositors\":[\"{SampleRegistry.Key2}\"]", "\"depositors\":\"\"", "$.registry.reserves.alpha.depositors")]
    [InlineData("\"custodians\":[],", "", "$.registry.reserves.beta_2-x: ")]
    [InlineData("\"custodians\":[]", "\"custodians\":null", "a null at byte ")]
    [InlineData("\"custodians\":[]", "\"custodians\":[\"12\"]", "$.registry.reserves.beta_2-x.custodians[0]: an x-only key")]
    [InlineData($"\"quoter\":\"{SampleRegistry.Key4}\"", "\"quoter\":null", "a null at byte ")]
    [InlineData($"\"quoter\":\"{SampleRegistry.Key4}\"", "\"quoter\":\"\"", "$.registry.reserves.alpha.quoter: an x-only key")]
    [InlineData(",\"certificate\":\"none\"", "", "$.registry.reserves.beta_2-x: ")]
    [InlineData("\"certificate\":\"none\"", "\"certificate\":\"None\"", "$.registry.reserves.beta_2-x.certificate: it is required or none")]
    [InlineData("\"certificate\":\"none\"", "\"certificate\":false", "$.registry.reserves.beta_2-x.certificate")]
    public void C6_What_no_registry_may_say_is_malformed_whoever_signed_it_and_is_never_signed(string right, string wrong, string place)
    {
        string text = With(right, wrong);
        RegistryFault fault = SampleRegistry.Refused(SampleRegistry.Seal(text));
        Assert.Equal(RegistryReason.Malformed, fault.Reason);
        Assert.Contains(place, fault.Message, StringComparison.Ordinal);
        Assert.Contains(place, Assert.Throws<FormatException>(() => SampleRegistry.Sign(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":1,\"version\":1")]
    [InlineData("\"certificate\":\"none\"", "\"certificate\":\"none\",\"certificate\":\"required\"")]
    [InlineData("\"beta_2-x\"", "\"alpha\"")]
    [InlineData("\"beta_2-x\"", "\"alph\\u0061\"")]
    [InlineData("\"alpha\"", "\"\\ud800\"")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":1e999")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":01767225600")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":1767225600,")]
    [InlineData("\"asOf\":1767225600", "\"asOf\":1767225600/**/")]
    public void C6_What_is_there_twice_or_is_no_plain_JSON_is_malformed(string right, string wrong)
    {
        string signature = new('1', 128);
        Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused(SampleRegistry.Join(With(right, wrong), signature)).Reason);
        Assert.Throws<FormatException>(() => SampleRegistry.Sign(With(right, wrong)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"registry":{}}""")]
    [InlineData("""{"signature":"00"}""")]
    [InlineData("""{"registry":{},"signature":null}""")]
    [InlineData("""{"registry":{},"signature":"00"}""")]
    [InlineData("""{"registry":{},"registry":{},"signature":"00"}""")]
    [InlineData("""{"registry":{},"signature":"\ud800"}""")]
    [InlineData("""{"registry":{},"signature":"00","\ud800":1}""")]
    [InlineData("""{"registry":{"\ud800":"\ud800"},"signature":"00"}""")]
    public void C6_What_is_not_a_registry_and_a_signature_is_malformed(string text) =>
        Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused(Encoding.UTF8.GetBytes(text)).Reason);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("1")]
    public void C6_What_is_signed_and_is_no_registry_is_malformed(string text) =>
        Assert.Equal(RegistryReason.Malformed, SampleRegistry.Refused(SampleRegistry.Seal(text)).Reason);

    [Fact]
    public void C6_A_registry_without_reserves_knows_nothing_and_is_malformed()
    {
        string text = $$$"""{"version":1,"asOf":{{{SampleRegistry.AsOf}}},"network":"regtest","reserves":{}}""";
        Assert.Contains("$.registry.reserves: at least one reserve", SampleRegistry.Refused(SampleRegistry.Seal(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_more_than_2_MiB_is_malformed_and_is_never_signed()
    {
        byte[] file = SampleRegistry.Seal(SampleRegistry.Text);
        byte[] longest = [.. file, .. Enumerable.Repeat((byte)' ', SignedRegistry.MaximumBytes - file.Length)];
        SampleRegistry.Read(longest);
        Assert.Contains("more than 2097152 bytes", SampleRegistry.Refused([.. longest, (byte)' ']).Message, StringComparison.Ordinal);
        string reserve = $$"""{"epoch":1,"groups":["{{Key1}}"],"custodians":[],"certificate":"none"}""";
        string many = string.Join(',', Enumerable.Range(0, 16_000).Select(number => $"\"r{number}\":{reserve}"));
        Assert.Contains("at most 2097152 bytes", Assert.Throws<FormatException>(() => SampleRegistry.Sign(With("\"alpha\"", $"{many},\"alpha\""))).Message);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(600, null)]
    [InlineData(601, RegistryReason.Stale)]
    [InlineData(-300, null)]
    [InlineData(-301, RegistryReason.FromTheFuture)]
    public void C6_A_registry_is_used_between_five_minutes_before_its_time_and_ten_after(int ageSeconds, string? reason) =>
        Assert.Equal(reason, SampleRegistry.Read(SampleRegistry.Seal(SampleRegistry.Text)).WhyNot(Settings, _now.AddSeconds(ageSeconds))?.Reason);

    [Fact]
    public void C6_Where_age_has_no_limit_the_future_still_has_one()
    {
        RegistrySettings any = Settings with { MaximumAge = TimeSpan.Zero };
        SignedRegistry registry = SampleRegistry.Read(SampleRegistry.Seal(SampleRegistry.Text));
        Assert.Null(registry.WhyNot(any, DateTimeOffset.MaxValue));
        Assert.Equal(RegistryReason.FromTheFuture, registry.WhyNot(any, DateTimeOffset.UnixEpoch)!.Reason);
        SignedRegistry last = SampleRegistry.Read(SampleRegistry.Seal(SampleRegistry.TextAsOf(9_007_199_254_740_991)));
        Assert.Equal(RegistryReason.FromTheFuture, last.WhyNot(any, DateTimeOffset.MaxValue)!.Reason);
    }

    [Theory]
    [InlineData(RegistryNetwork.Mainnet)]
    [InlineData(RegistryNetwork.Testnet)]
    [InlineData(RegistryNetwork.Signet)]
    public void C6_A_registry_of_another_network_is_not_used(RegistryNetwork network) => Assert.Equal(
        RegistryReason.NetworkMismatch,
        SampleRegistry.Read(SampleRegistry.Seal(SampleRegistry.Text)).WhyNot(Settings with { Network = network }, _now)!.Reason);

    private static string With(string right, string wrong)
    {
        Assert.Contains(right, SampleRegistry.Text, StringComparison.Ordinal);
        int place = SampleRegistry.Text.IndexOf(right, StringComparison.Ordinal);
        return string.Concat(SampleRegistry.Text.AsSpan(0, place), wrong, SampleRegistry.Text.AsSpan(place + right.Length));
    }
}
