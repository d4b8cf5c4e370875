using System.Text.Json;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust.Tests;

/// <summary>
/// A file of vectors of messages between parties, made by another implementation: a cluster's roster, its secrets, and lists of vectors by name.
/// </summary>
internal sealed class MessageVectors
{
    private readonly JsonElement _file;

    internal MessageVectors(string file)
    {
        _file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file))).RootElement;
        Now = _file.GetProperty("now").GetInt64();
        Roster = new Roster(
            ClusterName.Parse(Text(_file, "cluster")),
            [.. Identities.Select(static party => new RosterParty(
                PartyName.Parse(Text(party, "name")),
                Text(party, "name") == "coordinator" ? PartyRole.Coordinator : PartyRole.Participant,
                XOnlyPublicKey.Parse(Bytes(party, "public"))))]);
    }

    /// <summary>Unix milliseconds.</summary>
    internal long Now { get; }

    internal Roster Roster { get; }

    private IEnumerable<JsonElement> Identities => List("identities");

    internal IEnumerable<JsonElement> List(string list) => _file.GetProperty(list).EnumerateArray();

    /// <summary>The names of a list that must have so many vectors.</summary>
    internal TheoryData<string> Names(string list, int count)
    {
        TheoryData<string> names = [.. List(list).Select(static vector => Text(vector, "name"))];
        Assert.Equal(count, names.Count);
        return names;
    }

    internal JsonElement Vector(string list, string name) => List(list).Single(vector => Text(vector, "name") == name);

    internal IdentityKey IdentityOf(string name) => IdentityKey.TryTake(Bytes(Identities.Single(party => Text(party, "name") == name), "secret"))!;

    internal bool Opens(byte[] bytes, PartyName recipient, KnownSignatures known, out PartyMessage message, out Untrusted untrusted) =>
        PartyMessage.TryOpen(bytes, Roster, recipient, Now, new MessageSettings(), known, out message, out untrusted);

    internal static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    internal static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(Text(element, name));
}
