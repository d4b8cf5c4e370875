using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Tests;

/// <summary>A roster is read strictly: two operators cannot understand one file differently.</summary>
public sealed class RosterTests : IDisposable
{
    private const string One = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    private const string Two = "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";
    private static readonly string _pin = new('a', 64);
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-roster").FullName;

    private string Path => System.IO.Path.Combine(_folder, "roster.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_roster_that_was_saved_is_loaded_again()
    {
        RosterParty[] parties =
        [
            new(PartyName.Parse("coordinator"), PartyRole.Coordinator, XOnlyPublicKey.Parse(Convert.FromHexString(One)), [_pin, new string('0', 64)]),
            new(PartyName.Parse("alice-2"), PartyRole.Participant, XOnlyPublicKey.Parse(Convert.FromHexString(Two))),
        ];
        new Roster(ClusterName.Parse("bridge"), parties).Save(Path);
        Roster loaded = Roster.Load(Path);
        Assert.Equal("bridge", loaded.Cluster.ToString());
        Assert.Equal(
            parties.Select(static party => (party.Name, party.Role, party.Identity)),
            loaded.Parties.Select(static party => (party.Name, party.Role, party.Identity)));
        Assert.Equal([_pin, new string('0', 64)], loaded.Parties[0].Pins);
        Assert.Empty(loaded.Parties[1].Pins);
        Assert.Equal(PartyRole.Participant, loaded.Find(PartyName.Parse("alice-2"))!.Role);
        Assert.Same(loaded.Parties[1], loaded.Find("alice-2"u8));
        Assert.Null(loaded.Find(PartyName.Parse("bob")));
        Assert.Null(loaded.Find("Alice-2"u8));
        Assert.Null(loaded.Find([0xC3, 0xA9]));
    }

    [Fact]
    public void The_file_is_what_the_documents_say()
    {
        Write($$"""{"version":1,"cluster":"bridge","parties":[{"name":"alice","role":"participant","identity":"{{One}}"}]}""");
        Assert.Equal("alice (participant)", Assert.Single(Roster.Load(Path).Parties).ToString());
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "not JSON", "is not a roster" },
        { "null", "it is null" },
        { """{"version":2,"cluster":"c","parties":[]}""", "its version is 2, not 1" },
        { """{"version":1,"cluster":"c","parties":[]}""", "1..256 parties, not 0" },
        { """{"version":1,"cluster":"c","parties":[null]}""", "a party is null" },
        { """{"version":1,"cluster":"c"}""", "parties" },
        { """{"version":1,"cluster":"C","parties":[]}""", "'C' is no cluster's name" },
        { Parties($$"""{"name":"9a","role":"participant","identity":"{{One}}"}"""), "'9a' is no party's name" },
        { Parties($$"""{"name":"a","role":"Participant","identity":"{{One}}"}"""), "a role is coordinator or participant, not 'Participant'" },
        { Parties("""{"name":"a","role":"participant","identity":"00"}"""), "the identity of a is not the 64 hex digits" },
        { Parties($$"""{"name":"a","role":"participant","identity":"{{new string('f', 64)}}"}"""), "the identity of a is not the 64 hex digits" },
        { Parties($$"""{"name":"a","role":"participant","identity":"{{One}}","weight":1}"""), "weight" },
        {
            Parties($$"""{"name":"a","role":"participant","identity":"{{One}}"},{"name":"a","role":"participant","identity":"{{Two}}"}"""),
            "the party a is there twice"
        },
        {
            Parties($$"""{"name":"a","role":"participant","identity":"{{One}}"},{"name":"b","role":"participant","identity":"{{One}}"}"""),
            "a and b have the same identity key"
        },
        { Pinned("a", _pin.ToUpperInvariant()), "a pin of a is not the 64 hex digits of a SHA-256" },
        { Pinned("a", _pin[1..]), "a pin of a is not the 64 hex digits of a SHA-256" },
        { Pinned("a", _pin[1..] + "g"), "a pin of a is not the 64 hex digits of a SHA-256" },
        { Parties($$"""{"name":"a","role":"participant","identity":"{{One}}","pins":[null]}"""), "a pin of a is not the 64 hex digits of a SHA-256" },
        { Pinned("a", _pin, _pin), $"the certificate {_pin} is pinned twice" },
        {
            Parties($$"""
                {"name":"a","role":"participant","identity":"{{One}}","pins":["{{_pin}}"]},
                {"name":"b","role":"participant","identity":"{{Two}}","pins":["{{_pin}}"]}
                """),
            $"the certificate {_pin} is pinned twice; each party makes its own"
        },
        { $$"""{"version":1,"version":1,"cluster":"c","parties":[]}""", "version" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_roster_is_refused_with_its_file_and_the_rule(string text, string rule)
    {
        Write(text);
        DataDirectoryException refused = Assert.Throws<DataDirectoryException>(() => Roster.Load(Path));
        Assert.Equal("roster_invalid", refused.Code);
        Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(rule, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_roster_is_named_with_what_to_do()
    {
        DataDirectoryException missing = Assert.Throws<DataDirectoryException>(() => Roster.Load(Path));
        Assert.Equal("roster_missing", missing.Code);
        Assert.Contains("signer pki roster", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("alice-1", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz012345", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456", false)]
    [InlineData("", false)]
    [InlineData("1a", false)]
    [InlineData("-a", false)]
    [InlineData("Alice", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("é", false)]
    public void N8_A_party_has_one_spelling(string text, bool isName)
    {
        Assert.Equal(isName, PartyName.TryParse(text, out PartyName name));
        Assert.Equal(isName, ClusterName.TryParse(text, out _));
        Assert.True(!isName || name.ToString() == text);
    }

    [Fact]
    public void A_roster_that_knows_us_by_another_key_or_not_at_all_stops_the_start()
    {
        using TestParties parties = new(TimeProvider.System);
        DataDirectoryException other = Assert.Throws<DataDirectoryException>(() => As(TestParties.Alice));
        DataDirectoryException absent = Assert.Throws<DataDirectoryException>(() => As(PartyName.Parse("dave")));
        Assert.Equal(("roster_mismatch", "roster_mismatch"), (other.Code, absent.Code));
        Assert.Contains($"{parties.Identity(TestParties.Alice).Public}", other.Message, StringComparison.Ordinal);
        Assert.Contains("no party dave", absent.Message, StringComparison.Ordinal);

        Correspondent As(PartyName party) =>
            new(parties.Roster, party, TestParties.Node, parties.Identity(TestParties.Bob), new MessageSettings(), static _ => { }, TimeProvider.System);
    }

    private static string Pinned(string name, params string[] pins) =>
        Parties($$"""{"name":"{{name}}","role":"participant","identity":"{{One}}","pins":["{{string.Join("\",\"", pins)}}"]}""");

    private static string Parties(string parties) => $$"""{"version":1,"cluster":"c","parties":[{{parties}}]}""";

    private void Write(string text) => File.WriteAllText(Path, text);
}
