using System.CommandLine;
using Akka.Configuration.Hocon;
using SignerCluster.Host.Settings;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary>
/// <c>config show</c> and <c>config check</c>: what a configuration says once its files are laid over each other, and whether a node may start with it.
/// </summary>
internal static class ConfigVerb
{
    private static readonly Argument<string> _file = new("FILE") { Description = "A configuration in HOCON." };
    private static readonly Option<bool> _any = new("--any") { Description = "Not a node's: resolve it and check nothing." };

    internal static Command Create(Terminal terminal)
    {
        Command show = new("show", "What is in force, and where it was set.") { _file, _any, CommonOptions.Json };
        show.SetAction(parsed => Show(parsed, terminal));
        Command check = new("check", "May a node start with it? Reads no secret and connects to nothing.") { _file, CommonOptions.Json };
        check.SetAction(parsed => Check(parsed, terminal));
        return new Command("config", "Look at the configuration of nodes.") { show, check };
    }

    private static int Show(ParseResult parsed, Terminal terminal)
    {
        string path = parsed.GetValue(_file)!;
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        HoconFile file = parsed.GetValue(_any) ? HoconFile.Load(path, environment) : NodeFile.Load(path, environment).InForce;
        return terminal.Show(HoconFile.ToJson(file.Values), ResultJson.Readable.JsonObject, console =>
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("key", "value", "set in");
            foreach ((string key, HoconValue value) in file.Leaves())
            {
                table.AddRow(
                    Markup.Escape(key),
                    Markup.Escape(HoconFile.ToJson(value)?.ToJsonString(ResultJson.Readable.Options) ?? "null"),
                    Markup.Escape(Place(file.Origins[key])));
            }

            console.Write(table);
        });
    }

    private static int Check(ParseResult parsed, Terminal terminal)
    {
        string path = parsed.GetValue(_file)!;
        NodeSettings settings = NodeSettings.Load(path, Environment.GetEnvironmentVariable);
        string[] roles = [.. settings.Roles.Select(NodeFile.NameOf)];
        return terminal.ShowLines(
            new ConfigCheckDocument(settings.Name, roles),
            ResultJson.Readable.ConfigCheckDocument,
            [$"{path} is a good configuration of the node {settings.Name}, {string.Join(" and ", roles)}."]);
    }

    private static string Place(HoconOrigin origin)
    {
        string file = origin.File == NodeFile.ReferencePath ? Path.GetFileName(origin.File) : origin.File;
        return origin.Variable is null ? $"{file}:{origin.Line}" : $"{file}:{origin.Line} from {origin.Variable}";
    }
}
