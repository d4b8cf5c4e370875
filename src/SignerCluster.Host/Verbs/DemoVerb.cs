using System.CommandLine;
using SignerCluster.Host.Verbs.Demo;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>demo</c>: the whole job in one process, on a temporary directory that is gone afterwards.</summary>
internal static class DemoVerb
{
    internal static Command Create(Terminal terminal)
    {
        Command verb = new("demo", "Show it all at work: sign a payment, survive a liar and a restart, resume after a stop.") { CommonOptions.Json };
        verb.SetAction((_, cancellation) => RunAsync(terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(Terminal terminal, CancellationToken cancellation)
    {
        using TemporaryDirectory directory = new("signer-demo-");
        DemoDocument shown = await terminal.WithProgressAsync("Demonstrating…", () => new DemoRun(directory.Path).RunAsync(cancellation));
        return terminal.Show(shown, ResultJson.Readable.DemoDocument, console =>
        {
            console.Write(Table(shown));
            Console.Out.WriteLine($"group        {shown.Group}");
            Console.Out.WriteLine($"address      {shown.Address}");
            Console.Out.WriteLine($"txid         {shown.Txid}");
            Console.Out.WriteLine($"transaction  {shown.Transaction}");
            console.MarkupLineInterpolated($"[green]Everything verified[/] in {shown.ElapsedMs:0} ms.");
        });
    }

    private static Table Table(DemoDocument shown)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("step", "what happened", "attempts", "signature", "ms");
        table.Columns[2].RightAligned();
        table.Columns[4].RightAligned();
        foreach (DemoStep step in shown.Steps)
        {
            table.AddRow(
                step.Step,
                Markup.Escape(step.Happened),
                $"{step.Attempts}",
                step.Signature is { } hex ? $"{hex[..8]}…{hex[^8..]}" : string.Empty,
                $"{step.ElapsedMs:0}");
        }

        return table;
    }
}
