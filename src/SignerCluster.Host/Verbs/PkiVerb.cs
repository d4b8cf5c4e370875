using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using SignerCluster.Host.Pki;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Host.Verbs;

/// <summary><c>pki</c>: the identities of operators, the roster that pins them, and a look at certificates.</summary>
public static class PkiVerb
{
    private static readonly Option<string> _out =
        new("--out") { Description = "The new file, or folder for certificates; what is there is never overwritten.", Required = true, HelpName = "PATH" };
    private static readonly Option<string> _cluster = new("--cluster") { Description = "The cluster's name.", Required = true, HelpName = "NAME" };
    private static readonly Argument<string[]> _parties = new("PARTY:ROLE:IDENTITY[:CERTIFICATE,…]")
    {
        Description = "A party, coordinator or participant, its public identity (64 hex digits) or its identity file, and the certificates of its nodes: "
            + "PEM files, or what `pki certificate` printed as their pins.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Argument<string> _file = new("FILE") { Description = "A PEM file." };

    internal static Command Create(Terminal terminal)
    {
        Command identity = new("identity", "Make an identity key; print its public part, which goes into the roster.") { _out, CommonOptions.Json };
        identity.SetAction(parsed => MakeIdentity(parsed.GetValue(_out)!, terminal));
        Command certificate = new(
            "certificate", "Make the certificate of a node and its key, PATH.pem and PATH.key; print its pin, which goes into the roster.")
        {
            _out, CommonOptions.Json,
        };
        certificate.SetAction(parsed => MakeCertificate(parsed.GetValue(_out)!, terminal));
        Command roster = new("roster", "Write a roster: who is in the cluster, by which identity, and with which certificates.")
        {
            _parties, _cluster, _out, CommonOptions.Json,
        };
        roster.SetAction(parsed => MakeRoster(parsed, terminal));
        Command certificates = WorkbenchVerbs.Refuse("pki certificates", WorkbenchVerbs.Certificates);
        Command show =
            new("show", "Whose certificates a file holds and when they expire; exit 1 when one of them is of no use now.") { _file, CommonOptions.Json };
        show.SetAction(parsed => Show([parsed.GetValue(_file)!], terminal));
        return new Command("pki", "Identities, rosters, and certificates for development.") { identity, certificate, roster, certificates, show };
    }

    private static int MakeIdentity(string path, Terminal terminal)
    {
        RequireNew(path);
        using IdentityKey made = IdentityKey.Create(path, Wiring.Entropy);
        IdentityDocument document = new(made.Public.ToString(), Path.GetFullPath(path));
        return terminal.ShowLines(document, PkiJson.Default.IdentityDocument, [$"identity  {document.Identity}", $"file      {document.File}"]);
    }

    private static int MakeCertificate(string path, Terminal terminal)
    {
        using X509Certificate2 made = NodeCertificate.Create(path, TimeProvider.System.GetUtcNow());
        NodeCertificateDocument document = new(NodeCertificate.PinOf(made), Path.GetFullPath($"{path}.pem"), CertificateCheck.Text(made.NotAfter));
        return terminal.ShowLines(
            document, PkiJson.Default.NodeCertificateDocument, [$"pin       {document.Pin}", $"file      {document.File}", $"until     {document.NotAfter}"]);
    }

    private static int MakeRoster(ParseResult parsed, Terminal terminal)
    {
        string path = parsed.GetValue(_out)!;
        RequireNew(path);
        Roster roster;
        try
        {
            roster = new Roster(ClusterName.Parse(parsed.GetValue(_cluster)!), [.. parsed.GetValue(_parties)!.Select(ParseParty)]);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(
                "roster_invalid", $"{wrong.Message}. A party is given as PARTY:ROLE:IDENTITY:CERTIFICATE, such as "
                    + "alice:participant:alice/identity.key:alice/node.pem");
        }

        roster.Save(path);
        RosterResult document = new(
            roster.Cluster.ToString(),
            Path.GetFullPath(path),
            [.. roster.Parties.Select(static party => new RosterLine(party.Name.ToString(), RoleText(party.Role), party.Identity.ToString(), party.Pins))]);
        return terminal.ShowLines(
            document, PkiJson.Default.RosterResult, document.Parties.Select(static party => $"{party.Name,-32} {party.Role,-11} {party.Identity}"));
    }

    private static RosterParty ParseParty(string text) =>
        text.Split(':', 4) is [{ } name, { } role, { } identity, .. { } certificates]
            ? new RosterParty(
                PartyName.Parse(name), ParseRole(role), IdentityOf(identity), [.. certificates.SelectMany(static some => some.Split(',')).Select(PinOf)])
            : throw new FormatException($"'{text}' is not a party");

    private static PartyRole ParseRole(string role) => role switch
    {
        "coordinator" => PartyRole.Coordinator,
        "participant" => PartyRole.Participant,
        _ => throw new FormatException($"a role is coordinator or participant, not '{role}'"),
    };

    private static string RoleText(PartyRole role) => role == PartyRole.Coordinator ? "coordinator" : "participant";

    private static XOnlyPublicKey IdentityOf(string hexOrFile)
    {
        if (XOnlyPublicKey.TryParseHex(hexOrFile, out XOnlyPublicKey identity))
        {
            return identity;
        }

        using IdentityKey key = IdentityKey.Load(hexOrFile);
        return key.Public;
    }

    private static string PinOf(string hexOrFile)
    {
        if (hexOrFile.Length == 64 && hexOrFile.All(char.IsAsciiHexDigitLower))
        {
            return hexOrFile;
        }

        using X509Certificate2 certificate = CertificateCheck.Read(hexOrFile)[0];
        return NodeCertificate.PinOf(certificate);
    }

    /// <summary>Shows the certificates of PEM files. Returns the exit code, which is not 0 when one of them is of no use now.</summary>
    public static int Show(IReadOnlyList<string> files, Terminal terminal)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        CertificatesDocument document = new([.. files.SelectMany(file => CertificateCheck.Read(file).Select(certificate => Line(file, certificate, now)))]);
        bool isUsable = document.Certificates.All(static certificate => certificate.State == "valid");
        int shown = terminal.ShowLines(
            document,
            PkiJson.Default.CertificatesDocument,
            document.Certificates.Select(
                static certificate => $"{certificate.File}: {certificate.Subject}, {certificate.State}, until {certificate.NotAfter}"));
        return isUsable ? shown : ExitCode.Refused;
    }

    private static CertificateLine Line(string file, X509Certificate2 certificate, DateTimeOffset now) => new(
        Path.GetFullPath(file), certificate.Subject, CertificateCheck.Text(certificate.NotBefore), CertificateCheck.Text(certificate.NotAfter),
        now.UtcDateTime >= certificate.NotAfter.ToUniversalTime() ? "expired"
            : now.UtcDateTime < certificate.NotBefore.ToUniversalTime() ? "not yet valid" : "valid");

    private static void RequireNew(string path)
    {
        if (File.Exists(path))
        {
            throw new UsageException("out_exists", $"--out: {path} is there already and is not overwritten.");
        }
    }
}

/// <summary>A new identity; the key itself is in the file alone.</summary>
internal sealed record IdentityDocument(string Identity, string File);

internal sealed record RosterResult(string Cluster, string File, IReadOnlyList<RosterLine> Parties);

/// <param name="Pins">Of its nodes' certificates.</param>
internal sealed record RosterLine(string Name, string Role, string Identity, IReadOnlyList<string> Pins);

/// <summary>A new certificate of a node; its key is in the file beside it alone.</summary>
internal sealed record NodeCertificateDocument(string Pin, string File, string NotAfter);

internal sealed record CertificatesDocument(IReadOnlyList<CertificateLine> Certificates);

/// <param name="State"><c>valid</c>, <c>expired</c> or <c>not yet valid</c>.</param>
internal sealed record CertificateLine(string File, string Subject, string NotBefore, string NotAfter, string State);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IdentityDocument))]
[JsonSerializable(typeof(NodeCertificateDocument))]
[JsonSerializable(typeof(RosterResult))]
[JsonSerializable(typeof(CertificatesDocument))]
internal sealed partial class PkiJson : JsonSerializerContext;
