using System.CommandLine;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Audit;
using SignerCluster.Secp256k1;
using SignerCluster.Trust.Statements;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>journal audit</c>: what <c>journal verify</c> does, and a statement of what was found that the party signs.</summary>
internal static class AuditVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string?> _config = CommonOptions.ConfigInstead();
    private static readonly Option<string?> _node = CommonOptions.Node();
    private static readonly Option<string?> _previous =
        new("--previous") { Description = "Earlier statements without findings, which the journals must continue.", HelpName = "STATEMENT" };

    private static readonly Option<string> _out =
        new("--out") { Description = "Where to write the signed statements, one a journal.", HelpName = "STATEMENT", Required = true };

    internal static Command Create(Terminal terminal)
    {
        Command audit = new("audit", "Verify everything, and sign with the party's identity key what was found: one statement a journal.")
        {
            _data, _config, _node, _previous, _out, CommonOptions.Json,
        };
        audit.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return audit;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string target = parsed.GetValue(_out)!;
        OutputFile.RequireFolder("--out", target);
        string? name = parsed.GetValue(_node);
        SignedStatement[] previous = parsed.GetValue(_previous) is { } path ? ReadPrevious(path, target, name) : [];
        NodeSettings? node = (parsed.GetValue(_data), parsed.GetValue(_config)) switch
        {
            (not null, not null) => throw JournalVerb.DataOrConfig(),
            (_, { } config) => NodeSettings.Load(config, Environment.GetEnvironmentVariable),
            _ => null,
        };
        string data = node is null ? CommonOptions.RequireData(parsed.GetValue(_data)) : string.Empty;
        using StatementSigners signers = node is null ? StatementSigners.OfData(data, hasSigned: previous.Length > 0) : StatementSigners.OfNode(node, name);
        if (WhyNotEarlier(previous, signers) is { } refused)
        {
            return terminal.Report(refused);
        }

        Dictionary<string, EarlierAudit> known =
            previous.ToDictionary(static signed => signed.Statement.Journal, StatementFile.ToEarlier, StringComparer.Ordinal);
        AuditRun run = await terminal.WithProgressAsync("Auditing…", progress => node is null
            ? Verification.RunAsync(data, name, known, progress, cancellation)
            : Verification.RunAsync(node, name, known, progress, cancellation));
        StatementFile.Write(target, [.. run.Journals.Select(signers.Sign)]);
        JournalVerifyDocument audited = run.Document with
        {
            Statement = target,
            Identities = signers.Identities.ToDictionary(static one => one.Key, static one => one.Value.ToString(), StringComparer.Ordinal),
        };
        return audited.Verified
            ? terminal.Show(audited, ResultJson.Readable.JournalVerifyDocument, console => Write(console, audited))
            : terminal.ShowRefused(audited, ResultJson.Readable.JournalVerifyDocument, console => Write(console, audited));
    }

    /// <summary>The statements of the journals that are asked for.</summary>
    private static SignedStatement[] ReadPrevious(string path, string target, string? name)
    {
        if (Path.GetFullPath(path) == Path.GetFullPath(target))
        {
            throw new UsageException(
                "out_is_previous", $"--out: {target} would take the place of the earlier statements. Write elsewhere, and keep these if there is a finding.");
        }

        SignedStatement[] read =
            [.. StatementFile.Read("--previous", path).Where(signed => name is null || signed.Statement.Journal == name)];
        return read.Length > 0 ? read : throw new UsageException("statement_malformed", $"--previous: {path} holds no statement of {name}.");
    }

    private static Failure? WhyNotEarlier(SignedStatement[] previous, StatementSigners signers)
    {
        ulong now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return StatementFile.WhyNotEarlier(previous, party => signers.Identities.TryGetValue(party, out XOnlyPublicKey key) ? key : null)
            ?? (previous.FirstOrDefault(signed => signed.Statement.IssuedAt > now) is { Statement: var later }
                ? StatementFile.Refused(
                    AuditReason.NotLater,
                    $"--previous: the statement of {later.Journal} was issued at {UnixTime.ToText(later.IssuedAt)}, and this machine's clock is at "
                        + $"{UnixTime.ToText(now)}.")
                : null);
    }

    private static void Write(IAnsiConsole console, JournalVerifyDocument audited)
    {
        JournalVerb.Write(console, audited);
        foreach ((string party, string identity) in audited.Identities!)
        {
            console.Profile.Out.Writer.WriteLine($"Signed by {party}, {identity}, in {audited.Statement}.");
        }
    }
}
