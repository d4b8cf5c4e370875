using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Host.Verbs;

/// <summary><c>guardian</c>: look at what a group may sign, set its rules, freeze it, stop one's own part in it.</summary>
internal static class GuardianVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly Option<string> _reason =
        new("--reason") { Description = "Why: 1..200 characters, kept for ever.", HelpName = "TEXT", Required = true };
    private static readonly Option<ulong?> _amount =
        new("--amount") { Description = "Tells from when an amount is there.", HelpName = "SAT" };
    private static readonly RulesOptions _rules = new();

    internal static Command Create(Terminal terminal)
    {
        Command show = new("show", "The rules, what is left, and how far each seat is; changes nothing.")
        {
            _data, _url, _tokenFile, _group, CommonOptions.Json,
        };
        show.SetAction((parsed, cancellation) => ShowAsync(parsed, terminal, cancellation));
        Command capacity = new("capacity", "What can be withdrawn now, and from when an amount can; reserves nothing.")
        {
            _amount, _data, _url, _tokenFile, _group, CommonOptions.Json,
        };
        capacity.SetAction((parsed, cancellation) => ShowCapacityAsync(parsed, terminal, cancellation));
        return new Command("guardian", "How much a group may sign, and how fast.")
        {
            show,
            Configure(terminal),
            Say(terminal, "freeze", "Accept and sign nothing more for the group, at every party.", static reason => new GuardianCommand.Freeze(reason)),
            Say(terminal, "unfreeze", "Lift a freeze.", static reason => new GuardianCommand.Unfreeze(reason)),
            Say(
                terminal,
                "stop",
                "Stop the part of the parties of the addressed process, and of no other: with --data of all, with --url of those that it runs for.",
                static reason => new GuardianCommand.Stop(reason)),
            Say(terminal, "resume", "Lift the stop of the parties of the addressed process.", static reason => new GuardianCommand.Resume(reason)),
            capacity,
        };
    }

    private static Command Configure(Terminal terminal)
    {
        Command verb = new(
            "configure",
            """
            Put a group under a guardian, or change its rules. What allows less holds at once, what allows more after the present rules' delay. A group that
            has a guardian keeps it.

            Example: signer guardian configure --data ./data --group G --window hour=10000000/2500 --window day=100000000/1000
            The same as a file for --rules:
              {"windows":[{"name":"hour","capacitySat":10000000,"refillSatPerSecond":2500},
                          {"name":"day","capacitySat":100000000,"refillSatPerSecond":1000}],
               "maximumAgeSeconds":1800,"maximumSkewSeconds":300,"looseningDelaySeconds":86400}
            """)
        {
            _data, _url, _tokenFile, _group, CommonOptions.Json,
        };
        _rules.AddTo(verb);
        verb.SetAction((parsed, cancellation) => GiveAsync(parsed, terminal, new GuardianCommand.Configure(_rules.Read(parsed)), cancellation));
        return verb;
    }

    private static Command Say(Terminal terminal, string name, string description, Func<string, GuardianCommand> order)
    {
        Command verb = new(name, description) { _reason, _data, _url, _tokenFile, _group, CommonOptions.Json };
        verb.SetAction((parsed, cancellation) => GiveAsync(parsed, terminal, order(parsed.GetValue(_reason)!), cancellation));
        return verb;
    }

    private static async Task<int> GiveAsync(ParseResult parsed, Terminal terminal, GuardianCommand order, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        (string? data, string[]? urls) = (parsed.GetValue(_data), CommonOptions.Urls(parsed, _url));
        CommonOptions.RequireOnePlace(data, urls);
        GuardianOrders orders = new(urls is null ? CommonOptions.RequireData(data) : null, urls, parsed.GetValue(_tokenFile));
        return Show(terminal, await terminal.WithProgressAsync("Telling every seat…", () => orders.GiveAsync(group, order, terminal, cancellation)));
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        await using IClusterView view = await OpenAsync(parsed, cancellation);
        return Show(terminal, await terminal.WithProgressAsync("Reading…", () => view.ShowGuardiansAsync(group, cancellation)));
    }

    private static int Show(Terminal terminal, GuardianResponse shown) =>
        terminal.ShowLines(shown, ResultJson.Readable.GuardianResponse, GuardianLines.Of(shown));

    private static async Task<int> ShowCapacityAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        await using IClusterView view = await OpenAsync(parsed, cancellation);
        CapacityResponse capacity = await terminal.WithProgressAsync(
            "Reading…", () => view.ReadCapacityAsync(group, parsed.GetValue(_amount), cancellation));
        return terminal.ShowLines(capacity, ResultJson.Readable.CapacityResponse, GuardianLines.Of(capacity));
    }

    private static Task<IClusterView> OpenAsync(ParseResult parsed, CancellationToken cancellation) =>
        ClusterView.OpenAsync(parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_tokenFile), cancellation);
}
