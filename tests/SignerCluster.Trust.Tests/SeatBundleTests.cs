using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;

namespace SignerCluster.Trust.Tests;

/// <summary>A bundle holds one operator's secrets, and that operator alone can open it.</summary>
public sealed class SeatBundleTests : IDisposable
{
    private static readonly PartyName[] _holders = [TestParties.Alice, TestParties.Bob, TestParties.Carol];
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-bundles").FullName;
    private readonly TestParties _parties = new(TimeProvider.System);

    public void Dispose()
    {
        _parties.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Every_operator_opens_its_own_bundle_and_finds_the_share_of_its_seat()
    {
        GroupId group = Deal();
        for (int seat = 0; seat < _holders.Length; seat++)
        {
            SeatBundle bundle = Load(_holders[seat]);
            Assert.Equal(("bridge", _holders[seat], group), (bundle.Cluster.ToString(), bundle.Recipient, bundle.Group.Id));
            Assert.Equal(_holders.Select(static holder => holder.ToString()), bundle.Group.Holders);
            using SecretShare share = Assert.Single(bundle.Open(_parties.Identity(_holders[seat])));
            Assert.Equal((seat, bundle.Group.Group.PublicShare(share.Seat)), (share.Seat.Value, share.PublicShare));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf(_holders[seat])));
        }

        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, $"{group}.json")), Load(TestParties.Alice).GroupContent.ToArray());
        Assert.Equal(4, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void N2_No_file_of_a_dealing_has_a_share_in_the_clear()
    {
        Deal();
        byte[][] files = [.. Directory.GetFiles(_folder).Select(File.ReadAllBytes)];
        foreach (PartyName holder in _holders)
        {
            byte[] secret = new byte[32];
            using SecretShare share = Load(holder).Open(_parties.Identity(holder))[0];
            share.CopyTo(secret);
            byte[][] spellings =
                [secret, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret)), Encoding.ASCII.GetBytes(Convert.ToBase64String(secret)[..40])];
            Assert.All(files, file => Assert.DoesNotContain(spellings, spelling => file.AsSpan().IndexOf(spelling) >= 0));
            Assert.Contains("<redacted>", Load(holder).ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nobody_opens_the_bundle_of_another()
    {
        Deal();
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => Load(TestParties.Alice).Open(_parties.Identity(TestParties.Bob)));
        Assert.Equal("bundle_invalid", refused.Code);
        Assert.Contains($"{_parties.Identity(TestParties.Bob).Public}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cluster")]
    [InlineData("recipient")]
    [InlineData("group")]
    [InlineData("ephemeral")]
    [InlineData("sealed")]
    [InlineData("version")]
    public void K4_A_field_of_another_bundle_makes_it_worthless(string field)
    {
        Deal();
        JsonObject mine = JsonNode.Parse(File.ReadAllText(PathOf(TestParties.Alice)))!.AsObject();
        string elsewhere = Path.Combine(_folder, "other");
        OfflineDealer.Deal(_parties.Roster, 2, 3, elsewhere, RandomNumberGenerator.Fill);
        JsonObject other = JsonNode.Parse(File.ReadAllText(Path.Combine(elsewhere, $"{TestParties.Alice}.json")))!.AsObject();
        mine[field] = field switch { "cluster" => "bridge2", "recipient" => "bob", "version" => 2, _ => other[field]!.DeepClone() };
        Assert.Equal("bundle_invalid", Assert.Throws<DataDirectoryException>(() => Open(mine)).Code);
    }

    [Fact]
    public void K4_A_bundle_with_any_bit_of_its_seal_altered_or_cut_does_not_open()
    {
        Deal();
        JsonObject document = JsonNode.Parse(File.ReadAllText(PathOf(TestParties.Alice)))!.AsObject();
        byte[] envelope = Convert.FromBase64String(document["sealed"]!.GetValue<string>());
        Assert.Equal(52, envelope.Length);
        for (int at = 0; at < envelope.Length; at++)
        {
            byte[] altered = [.. envelope];
            altered[at] ^= 1;
            document["sealed"] = Convert.ToBase64String(altered);
            Assert.Throws<DataDirectoryException>(() => Open(document));
            document["sealed"] = Convert.ToBase64String(envelope.AsSpan(0, at));
            Assert.Throws<DataDirectoryException>(() => Open(document));
        }
    }

    [Fact]
    public void Shares_that_are_not_those_of_the_recipients_seats_are_refused_though_they_open()
    {
        Deal();
        SeatBundle bundle = Load(TestParties.Alice);
        NodeDocument group = new($"{bundle.Group.Id}.json", bundle.GroupContent);
        using SecretShare own = bundle.Open(_parties.Identity(TestParties.Alice))[0];
        using SecretShare bobs = Load(TestParties.Bob).Open(_parties.Identity(TestParties.Bob))[0];
        using SecretShare wrong = SecretShare.Create(own.Seat, Enumerable.Repeat((byte)1, 32).ToArray()).Value;
        Assert.All((IReadOnlyList<SecretShare>[])[[bobs], [wrong], [own, own], [own, bobs], []], shares =>
        {
            byte[] content = SeatBundle.Seal(_parties.Roster, TestParties.Alice, group, shares, RandomNumberGenerator.Fill);
            Assert.Equal(
                "bundle_invalid",
                Assert.Throws<DataDirectoryException>(() => SeatBundle.Parse(content, "test").Open(_parties.Identity(TestParties.Alice))).Code);
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":1,"cluster":"c","recipient":"a","group":"","ephemeral":"","sealed":"","more":1}""")]
    public void What_is_no_bundle_is_refused_with_its_file(string text)
    {
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => SeatBundle.Parse(Encoding.UTF8.GetBytes(text), "alice.json"));
        Assert.Equal("bundle_invalid", refused.Code);
        Assert.StartsWith("alice.json is not a usable bundle", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_folder_takes_one_dealing()
    {
        Deal();
        byte[] before = File.ReadAllBytes(PathOf(TestParties.Alice));
        Assert.Equal("bundle_exists", Assert.Throws<DataDirectoryException>(() => Deal()).Code);
        Assert.Equal(before, File.ReadAllBytes(PathOf(TestParties.Alice)));
    }

    private GroupId Deal() => OfflineDealer.Deal(_parties.Roster, 2, 3, _folder, RandomNumberGenerator.Fill).Value;

    private SeatBundle Load(PartyName party) => SeatBundle.Load(PathOf(party));

    private IReadOnlyList<SecretShare> Open(JsonObject document) =>
        SeatBundle.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()), "test").Open(_parties.Identity(TestParties.Alice));

    private string PathOf(PartyName party) => Path.Combine(_folder, $"{party}.json");
}
