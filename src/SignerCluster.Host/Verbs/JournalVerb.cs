using System.CommandLine;
using System.Globalization;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs.Operators;
using SignerCluster.Journal.Audit;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary>
/// <c>journal verify</c>, <c>journal export</c> and <c>journal quarantine list</c>: read what is stored, change nothing, also beside a running signer.
/// </summary>
internal static class JournalVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _node = CommonOptions.Node();
    private static readonly Option<string?> _config = CommonOptions.ConfigInstead();
    private static readonly Option<string?> _checkpoint =
        new("--checkpoint") { Description = "A checkpoint that the journals must continue.", HelpName = "FILE" };
    private static readonly Option<string?> _writeCheckpoint =
        new("--write-checkpoint") { Description = "Where to write a checkpoint of what was found to be right.", HelpName = "FILE" };

    internal static Command Create(Terminal terminal)
    {
        Command verify =
            new("verify", "Read everything and list all that is wrong.") { _data, _config, _node, _checkpoint, _writeCheckpoint, CommonOptions.Json };
        verify.SetAction((parsed, cancellation) => VerifyAsync(parsed, terminal, cancellation));
        Command list = new("list", "The entities whose histories cannot be trusted; with --url those that the running signer has met.")
        {
            _data, _url, _config, _tokenFile, CommonOptions.Json,
        };
        list.SetAction((parsed, cancellation) => ListAsync(parsed, terminal, cancellation));
        Command export = new("export", "Print every row, opened, a JSON object a line; public facts only.") { _data, _node, _config, CommonOptions.Json };
        export.SetAction((parsed, cancellation) => ExportAsync(parsed, cancellation));
        return new Command("journal", "Verify, audit, export or import the journals; see what is in quarantine; prepare a party's database.")
        {
            verify,
            AuditVerb.Create(terminal),
            StatementVerb.Create(terminal),
            export,
            ImportVerb.Create(terminal),
            new Command("quarantine", "What is in quarantine.") { list },
            SchemaVerb.CreateMigrate(terminal),
            SchemaVerb.CreateRoles(),
        };
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string? target = parsed.GetValue(_writeCheckpoint);
        if (target is not null)
        {
            OutputFile.RequireFolder("--write-checkpoint", target);
        }

        IReadOnlyDictionary<string, EarlierAudit>? known = parsed.GetValue(_checkpoint) is { } path ? CheckpointFile.Read(path) : null;
        string? name = parsed.GetValue(_node);
        (JournalVerifyDocument verified, IReadOnlyList<AuditedJournal> journals) = await terminal.WithProgressAsync(
            "Verifying…", progress => (parsed.GetValue(_data), parsed.GetValue(_config)) switch
            {
                (not null, not null) => throw DataOrConfig(),
                (_, { } config) => Verification.RunAsync(NodeSettings.Load(config, Environment.GetEnvironmentVariable), name, known, progress, cancellation),
                var (data, _) => Verification.RunAsync(CommonOptions.RequireData(data), name, known, progress, cancellation),
            });
        if (verified.Findings.Count > 0)
        {
            return terminal.ShowRefused(verified, ResultJson.Readable.JournalVerifyDocument, console => Write(console, verified));
        }

        if (target is not null)
        {
            CheckpointFile.Write(target, CheckpointDocument.Of(journals));
        }

        return terminal.Show(verified, ResultJson.Readable.JournalVerifyDocument, console => Write(console, verified));
    }

    internal static void Write(IAnsiConsole console, JournalVerifyDocument verified)
    {
        Table nodes = new() { Border = TableBorder.Simple };
        nodes.AddColumns("node", "rows", "entities", "signatures", "certificates", "shares", "seat files", "findings");
        foreach (VerifiedNode node in verified.Nodes)
        {
            int findings = verified.Findings.Count(finding => finding.Node == node.Node);
            nodes.AddRow(
                node.Node,
                $"{node.Rows}",
                $"{node.Entities}",
                $"{node.Signatures}",
                $"{node.Certificates}",
                $"{node.Shares}",
                $"{node.SeatFiles}",
                $"{findings}");
        }

        console.Write(nodes);
        // Lines of a finding are never broken, so that they can be searched.
        TextWriter lines = console.Profile.Out.Writer;
        foreach (FindingDocument finding in verified.Findings)
        {
            lines.WriteLine(LineOf(finding));
        }

        string read = $"{verified.Rows} rows read in {verified.Seconds:0.##} s";
        lines.WriteLine(verified.Findings.Count == 0 ? $"Everything is as it was written; {read}." : $"Findings: {verified.Findings.Count}; {read}.");
    }

    internal static string LineOf(FindingDocument finding)
    {
        string row = finding.Row is { } number ? number.ToString(CultureInfo.InvariantCulture) : "-";
        return $"{finding.Node}  {(finding.Entity.Length == 0 ? "journal" : finding.Entity)}  row {row}  {finding.Reason}: {finding.Message}";
    }

    private static async Task<int> ExportAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using BufferedStream output = new(Console.OpenStandardOutput());
        bool asOneObject = parsed.GetValue(CommonOptions.Json);
        long unreadable = (parsed.GetValue(_data), parsed.GetValue(_config)) switch
        {
            (not null, not null) => throw DataOrConfig(),
            (_, { } config) => await Export.RunAsync(NodeSettings.Load(config, Environment.GetEnvironmentVariable), output, asOneObject, cancellation),
            var (data, _) => await Export.RunAsync(CommonOptions.RequireData(data), RequireNode(parsed.GetValue(_node)), output, asOneObject, cancellation),
        };
        return unreadable == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static string RequireNode(string? given) =>
        given ?? throw new UsageException("node_required", "--node: which node's journal? Give --node and its name.");

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        QuarantineListDocument listed = (parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_config)) switch
        {
            (not null, not null, _) => throw new UsageException("data_or_url", "--data, --url: give only one of them."),
            (null, null, { } config) => await terminal.WithProgressAsync(
                "Reading…", progress => QuarantineListing.RunAsync(NodeSettings.Load(config, Environment.GetEnvironmentVariable), progress, cancellation)),
            (_, _, not null) => throw DataOrConfig(),
            (_, { } urls, _) => await AskAsync(urls, parsed.GetValue(_tokenFile), cancellation),
            var (data, _, _) => await terminal.WithProgressAsync(
                "Reading…", progress => QuarantineListing.RunAsync(CommonOptions.RequireData(data), progress, cancellation)),
        };
        return listed.Unread is null
            ? terminal.Show(listed, ResultJson.Readable.QuarantineListDocument, console => Write(console, listed))
            : terminal.ShowRefused(listed, ResultJson.Readable.QuarantineListDocument, console => Write(console, listed));
    }

    private static void Write(IAnsiConsole console, QuarantineListDocument listed)
    {
        if (listed.Entities.Count > 0)
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("node", "entity", "row", "reason");
            foreach (QuarantinedResponse found in listed.Entities)
            {
                table.AddRow(found.Node, found.Entity, $"{found.Row}", found.Reason);
            }

            console.Write(table);
        }
        else
        {
            console.WriteLine(listed.Unread is null ? "Nothing is in quarantine." : "Nothing is in quarantine in the journals that can be read.");
        }

        foreach (UnreadJournal unread in listed.Unread ?? [])
        {
            console.Profile.Out.Writer.WriteLine($"{unread.Node}  journal  {unread.Reason}: {unread.Message}");
        }
    }

    private static async Task<QuarantineListDocument> AskAsync(string[] urls, string? tokenFile, CancellationToken cancellation)
    {
        using SignerApi api = SignerApi.Open(urls, tokenFile);
        return new QuarantineListDocument((await api.GetAsync(ApiPaths.Quarantine, SignerApi.Json.QuarantineListResponse, cancellation)).Entities);
    }

    internal static UsageException DataOrConfig() => new("data_or_config", "--data, --url, --config: give only one of them.");
}
