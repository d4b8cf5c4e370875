using System.CommandLine;
using SignerCluster.Host.Verbs;
using SignerCluster.Workbench.Pki;

namespace SignerCluster.Workbench;

/// <summary><c>pki certificates</c>: certificates for development. The other verbs of <c>pki</c> are the signing executable's.</summary>
internal static class CertificatesVerb
{
    private static readonly Option<string> _out =
        new("--out") { Description = "The new file, or folder for certificates; what is there is never overwritten.", Required = true, HelpName = "PATH" };

    private static readonly Option<string[]> _hosts = new("--host")
    {
        Description = "A name or address under which the database is reached; several may be given.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "NAME",
    };

    internal static Command Create(Terminal terminal)
    {
        Command certificates = new("certificates", WorkbenchVerbs.Certificates) { _out, _hosts, CommonOptions.Json };
        certificates.SetAction(parsed => Make(parsed, terminal));
        return new Command("pki", "Certificates for development.") { certificates };
    }

    private static int Make(ParseResult parsed, Terminal terminal)
    {
        string[] hosts = parsed.GetValue(_hosts)!;
        if (hosts.FirstOrDefault(static host => Uri.CheckHostName(host) == UriHostNameType.Unknown) is { } wrong)
        {
            throw new UsageException("host_malformed", $"--host: '{wrong}' is neither a host's name nor an address.");
        }

        IReadOnlyList<string> written = DevelopmentCertificates.Write(parsed.GetValue(_out)!, hosts, TimeProvider.System.GetUtcNow());
        return PkiVerb.Show(written, terminal);
    }
}
