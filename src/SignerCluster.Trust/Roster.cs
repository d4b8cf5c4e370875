using SignerCluster.Journal.Documents;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>One operator of a roster.</summary>
/// <param name="pins">The certificates of the party's nodes: SHA-256 of each public key (SubjectPublicKeyInfo), 64 hex digits in small letters.</param>
public sealed class RosterParty(PartyName name, PartyRole role, XOnlyPublicKey identity, IReadOnlyList<string>? pins = null)
{
    public PartyName Name => name;

    public PartyRole Role => role;

    /// <summary>The public part of the party's identity key.</summary>
    public XOnlyPublicKey Identity => identity;

    /// <summary>By what its nodes' certificates are known. Several while a key is renewed; none for a party that was never given any.</summary>
    public IReadOnlyList<string> Pins { get; } = [.. pins ?? []];

    internal VerifyingKey Key { get; } = new(identity);

    public override string ToString() => $"{name} ({(role == PartyRole.Coordinator ? "coordinator" : "participant")})";
}

/// <summary>
/// Who is in a cluster, and by which key each is known. Every operator pins its own copy: whoever is not in it is a stranger, whatever a link says.
/// At least one party and at most <see cref="MaximumParties"/>; names and identities occur once. Immutable.
/// </summary>
public sealed class Roster
{
    /// <summary>Every seat of the largest group with another operator, and as many coordinators.</summary>
    public const int MaximumParties = 256;
    private readonly Dictionary<string, RosterParty> _byName;
    private readonly Dictionary<string, RosterParty>.AlternateLookup<ReadOnlySpan<char>> _bySpelling;

    /// <summary>Throws <see cref="FormatException"/> that names the rule which the parties break.</summary>
    public Roster(ClusterName cluster, IReadOnlyList<RosterParty> parties)
    {
        if (parties.Count is 0 or > MaximumParties)
        {
            throw new FormatException($"a roster has 1..{MaximumParties} parties, not {parties.Count}");
        }

        Cluster = cluster;
        Parties = [.. parties];
        _byName = new Dictionary<string, RosterParty>(parties.Count, StringComparer.Ordinal);
        Dictionary<XOnlyPublicKey, RosterParty> identities = [];
        Dictionary<string, RosterParty> pinned = new(StringComparer.Ordinal);
        foreach (RosterParty party in parties)
        {
            foreach (string pin in party.Pins)
            {
                ThrowIfNoPin(pin, party);
                if (!pinned.TryAdd(pin, party))
                {
                    throw new FormatException($"the certificate {pin} is pinned twice; each party makes its own");
                }
            }

            if (!_byName.TryAdd(party.Name.ToString(), party))
            {
                throw new FormatException($"the party {party.Name} is there twice");
            }

            if (!identities.TryAdd(party.Identity, party))
            {
                throw new FormatException($"{identities[party.Identity].Name} and {party.Name} have the same identity key; each party makes its own");
            }
        }

        _bySpelling = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public ClusterName Cluster { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<RosterParty> Parties { get; }

    /// <summary>
    /// Reads a roster file. Throws <see cref="DataDirectoryException"/> (<c>roster_missing</c>, <c>roster_invalid</c>) that names the file and the rule.
    /// </summary>
    public static Roster Load(string path) => RosterFile.Load(path);

    /// <summary>Writes a new file, durably. Throws <see cref="DataDirectoryException"/> (<c>data_unwritable</c>) when there is one already.</summary>
    public void Save(string path) => RosterFile.Save(this, path);

    /// <summary>The party of this name; null for a stranger.</summary>
    public RosterParty? Find(PartyName name) => _byName.GetValueOrDefault(name.ToString());

    private static void ThrowIfNoPin(string pin, RosterParty party)
    {
        if (pin is not { Length: 64 } || !pin.All(char.IsAsciiHexDigitLower))
        {
            throw new FormatException($"a pin of {party.Name} is not the 64 hex digits of a SHA-256");
        }
    }

    /// <summary>As the other overload, by the bytes of a name in a message: no string is made for a stranger.</summary>
    internal RosterParty? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[PartyName.MaximumLength];
        return name.Length <= text.Length && System.Text.Ascii.ToUtf16(name, text, out int length) == System.Buffers.OperationStatus.Done
            && _bySpelling.TryGetValue(text[..length], out RosterParty? party)
            ? party
            : null;
    }
}
