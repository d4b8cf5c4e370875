using System.CommandLine;
using SignerCluster.Host.Verbs.Operators;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>journal import</c>: brings a data directory of an earlier version over into a new one.</summary>
internal static class ImportVerb
{
    private static readonly Option<string> _from =
        new("--from") { Description = "The data directory of an earlier version; it is not changed.", HelpName = "OLD", Required = true };

    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<bool> _withoutCoordinatorJournal = new("--without-coordinator-journal")
    {
        Description = "Where the coordinator's journal is lost, go on with an empty one; nobody knows then which session ids were used.",
    };

    internal static Command Create(Terminal terminal)
    {
        Command import = new("import", "Copy a data directory of an earlier version into a new one, and verify the copy.")
        {
            _from, _data, _withoutCoordinatorJournal, CommonOptions.Json,
        };
        import.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return import;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string data = CommonOptions.RequireData(parsed.GetValue(_data));
        (JournalVerifyDocument verified, JournalImportDocument? imported) = await terminal.WithProgressAsync(
            "Importing…", progress => Import.RunAsync(parsed.GetValue(_from)!, data, parsed.GetValue(_withoutCoordinatorJournal), progress, cancellation));
        if (imported is null)
        {
            terminal.Remark($"Nothing was imported, and {data} was not made.");
            return terminal.ShowRefused(verified, ResultJson.Readable.JournalVerifyDocument, console => JournalVerb.Write(console, verified));
        }

        return terminal.Show(imported, ResultJson.Readable.JournalImportDocument, console => Write(console, imported));
    }

    private static void Write(IAnsiConsole console, JournalImportDocument imported)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("node", "groups", "seat files", "key file", "rows", "entities", "signatures");
        foreach (ImportedNode node in imported.Nodes)
        {
            string key = node.KeyFile ? "copied" : "elsewhere";
            table.AddRow(node.Node, $"{node.Groups}", $"{node.SeatFiles}", key, $"{node.Rows}", $"{node.Entities}", $"{node.Signatures}");
        }

        console.Write(table);
        TextWriter lines = console.Profile.Out.Writer;
        lines.WriteLine($"All of it was verified in {imported.Data}. {imported.From} is as it was: keep it as a backup, and start nothing on it again.");
    }
}
