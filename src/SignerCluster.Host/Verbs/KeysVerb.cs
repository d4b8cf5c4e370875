using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Host.Verbs.Operators;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>keys status</c>, <c>keys rotate</c> and <c>keys rewrap</c>: the keys under which journals and seats are sealed.</summary>
internal static class KeysVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _node = CommonOptions.Node();
    private static readonly Option<string?> _config = CommonOptions.ConfigInstead();
    private static readonly Option<string> _to =
        new("--to") { Description = "The document of the provider to move to.", Required = true, HelpName = "PROVIDER.json" };

    internal static Command Create(Terminal terminal)
    {
        Command status = new("status", "The key rings of all nodes; looks only.") { _data, _url, _config, _tokenFile, CommonOptions.Json };
        status.SetAction((parsed, cancellation) => ShowAsync(parsed, terminal, cancellation));
        Command rotate = new("rotate", "Make fresh data keys the active ones, and move everything sealed to them.")
        {
            _data, _url, _config, _tokenFile, _node, CommonOptions.Json,
        };
        rotate.SetAction((parsed, cancellation) => RotateAsync(parsed, terminal, cancellation));
        Command rewrap = new("rewrap", "Move all nodes to another provider of the key-encryption key; repeat it when it was interrupted.")
        {
            _data, _config, _to, CommonOptions.Json,
        };
        rewrap.SetAction((parsed, cancellation) => RewrapAsync(parsed, terminal, cancellation));
        return new Command("keys", "Look at, rotate and re-wrap the keys under which journals and seats are sealed.") { status, rotate, rewrap };
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        using IKeyDesk desk = Open(parsed);
        KeyListResponse keys = await terminal.WithProgressAsync("Reading…", progress => desk.ShowAsync(progress, cancellation));
        return terminal.Show(keys, ResultJson.Readable.KeyListResponse, console =>
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("node", "provider", "key-encryption key", "epoch", "phase", "data key", "messages reserved", "earlier rows");
            foreach (NodeKeysResponse node in keys.Nodes)
            {
                AddRows(table, node);
            }

            console.Write(table);
            if (keys.UnfinishedRewrap is { } kind)
            {
                console.WriteLine($"A rewrap to the provider kind {kind} is unfinished. Run it again: signer keys rewrap");
            }
        });
    }

    /// <summary>Keys that are retired are counted, not listed: a ring keeps them all.</summary>
    private static void AddRows(Table table, NodeKeysResponse node)
    {
        string[] head = [node.Node, node.Provider, node.KeyEncryptionKey ?? "none yet"];
        foreach (DataKeyResponse key in node.Keys.Where(static key => key.Phase != "retired").Reverse())
        {
            table.AddRow([.. head, $"{key.Epoch}", key.Phase, key.Id, $"{key.MessagesReserved}", $"{key.EarlierRows}"]);
            head = [string.Empty, string.Empty, string.Empty];
        }

        if (node.Keys.Count(static key => key.Phase == "retired") is > 0 and int retired)
        {
            table.AddRow([.. head, string.Empty, $"{retired} retired", string.Empty, string.Empty, string.Empty]);
        }
        else if (node.Keys.Count == 0)
        {
            table.AddRow([.. head, "0", string.Empty, string.Empty, string.Empty, string.Empty]);
        }
    }

    private static async Task<int> RotateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        using IKeyDesk desk = Open(parsed);
        RotationListResponse rotated = await terminal.WithProgressAsync(
            "Rotating…", progress => desk.RotateAsync(parsed.GetValue(_node), progress, cancellation));
        bool isComplete = rotated.Nodes.All(static node => node.Complete != false);
        return isComplete
            ? terminal.Show(rotated, ResultJson.Readable.RotationListResponse, console => Write(console, rotated))
            : terminal.ShowRefused(rotated, ResultJson.Readable.RotationListResponse, console =>
            {
                Write(console, rotated);
                console.WriteLine("Rows that cannot be opened keep their keys in use. Run: signer journal verify");
            });
    }

    private static IKeyDesk Open(ParseResult parsed) =>
        KeyDesk.Open(parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_config), parsed.GetValue(_tokenFile));

    private static void Write(IAnsiConsole console, RotationListResponse rotated)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("node", "epoch before", "epoch now", "rows moved");
        foreach (RotationResponse node in rotated.Nodes)
        {
            string moved = node.Rows is { } rows ? $"{rows}{(node.Unreadable > 0 ? $"; {node.Unreadable} unreadable" : string.Empty)}" : "in the background";
            table.AddRow(node.Node, $"{node.FromEpoch}", $"{node.Epoch}", moved);
        }

        console.Write(table);
    }

    private static async Task<int> RewrapAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        if (parsed.GetValue(_config) is { } config)
        {
            return await RewrapAsync(config, parsed, terminal, cancellation);
        }

        string data = CommonOptions.RequireData(parsed.GetValue(_data));
        RewrapDocument done = await terminal.WithProgressAsync(
            "Re-wrapping…", progress => Rewrapping.RunAsync(data, parsed.GetValue(_to)!, progress, cancellation));
        return terminal.ShowLines(
            done, ResultJson.Readable.RewrapDocument,
            [
                .. done.Nodes.Select(static node => $"{node.Node,-16} {node.From ?? "no key yet"} -> {node.To}"),
                $"all nodes use the provider kind {done.Provider} now",
            ]);
    }

    private static async Task<int> RewrapAsync(string config, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        if (parsed.GetValue(_data) is not null)
        {
            throw new UsageException("data_or_config", "--data, --config: give only one of them.");
        }

        NodeSettings node = NodeSettings.Load(config, Environment.GetEnvironmentVariable);
        RewrapDocument done = await terminal.WithProgressAsync(
            "Re-wrapping…", progress => PartyRewrapping.RunAsync(node, parsed.GetValue(_to)!, progress, cancellation));
        return terminal.ShowLines(
            done, ResultJson.Readable.RewrapDocument,
            [
                .. done.Nodes.Select(static party => $"{party.Node,-16} {party.From ?? "no key yet"} -> {party.To}"),
                $"Name the provider kind {done.Provider} in keys.provider of every node of the party now, and start them again: "
                    + "until then they go on with the keys that they have,",
                "and cannot rotate.",
            ]);
    }
}
