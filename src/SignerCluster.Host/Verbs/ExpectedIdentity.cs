using System.CommandLine;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Verbs;

/// <summary>By whom something is to be signed, for a verb that checks it offline. Its options belong to one command.</summary>
/// <param name="what">What names its party, such as <c>the envelope</c>.</param>
internal sealed class ExpectedIdentity(string what)
{
    internal Option<string?> Identity { get; } =
        new("--identity") { Description = "The identity key of the party that is to have signed it, 64 hex digits.", HelpName = "HEX" };

    internal Option<string?> Roster { get; } =
        new("--roster") { Description = $"The roster instead: the party that {what} names must be in it.", HelpName = "FILE" };

    /// <summary>
    /// The identity key of a party by its name. Both this and what it returns throw <see cref="UsageException"/>, and as
    /// <see cref="Trust.Roster.Load"/>.
    /// </summary>
    internal Func<string, XOnlyPublicKey> Read(ParseResult parsed)
    {
        switch ((parsed.GetValue(Identity), parsed.GetValue(Roster)))
        {
            case ({ } hex, null):
                XOnlyPublicKey identity = XOnlyPublicKey.TryParseHex(hex, out XOnlyPublicKey key)
                    ? key
                    : throw new UsageException("identity_malformed", "--identity: an identity key is 64 hex digits.");
                return _ => identity;
            case (null, { } file):
                Roster roster = Trust.Roster.Load(file);
                return party => PartyName.TryParse(party, out PartyName name) && roster.Find(name) is { } found
                    ? found.Identity
                    : throw new UsageException("identity_unknown", $"--roster: {file} has no party {party}.");
            default:
                throw new UsageException("identity_required", "--identity, --roster: give exactly one of them.");
        }
    }
}
