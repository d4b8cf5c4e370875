using System.CommandLine;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Postgres;

namespace SignerCluster.Host.Verbs;

/// <summary><c>journal roles</c> and <c>journal migrate</c>: what a party's database needs before the nodes of the party can use it.</summary>
internal static class SchemaVerb
{
    private static readonly Option<string> _config = CommonOptions.Config();
    private static readonly Option<string> _user =
        new("--user") { Description = "The role that owns the schema; not the nodes' own, which may not change it.", HelpName = "NAME", Required = true };
    private static readonly Option<string> _passwordFile =
        new("--password-file") { Description = "The file that holds that role's password.", HelpName = "FILE", Required = true };

    internal static Command CreateMigrate(Terminal terminal)
    {
        Command migrate = new("migrate", "Bring the database of a node's party up to the schema of this program; does nothing when it is there.")
        {
            _config, _user, _passwordFile, CommonOptions.Json,
        };
        migrate.SetAction((parsed, cancellation) => MigrateAsync(parsed, terminal, cancellation));
        return migrate;
    }

    internal static Command CreateRoles()
    {
        Command roles = new("roles", "Print the script that makes the roles of a party's database, for psql as an administrator.");
        roles.SetAction(static _ =>
        {
            Console.Out.Write(PostgresRoles.Script);
            return ExitCode.Done;
        });
        return roles;
    }

    private static async Task<int> MigrateAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        NodeSettings node = NodeSettings.Load(parsed.GetValue(_config)!, Environment.GetEnvironmentVariable);
        using DatabasePassword password = DatabasePassword.Load(parsed.GetValue(_passwordFile)!);
        List<MigratedDatabase> migrated = [];
        foreach (RoleSettings role in node.Parties)
        {
            PostgresSettings settings = Adapters.ToPostgres(role.Database, node.Profile) with { User = parsed.GetValue(_user)!, Password = password };
            await using PostgresDatabase database = PostgresDatabase.Create(settings);
            await PostgresSchema.MigrateAsync(database, cancellation);
            migrated.Add(new MigratedDatabase(role.Party, settings.Address, PostgresSchema.CurrentVersion));
        }

        return terminal.ShowLines(
            new MigratedDocument(migrated),
            ResultJson.Readable.MigratedDocument,
            migrated.Select(static one => $"{one.Party,-32} {one.Database} has schema {one.Schema}"));
    }
}

/// <summary><c>journal migrate --json</c>.</summary>
internal sealed record MigratedDocument(IReadOnlyList<MigratedDatabase> Databases);

/// <param name="Database">As <c>host:port/name</c>.</param>
/// <param name="Schema">The version that it has now.</param>
internal sealed record MigratedDatabase(string Party, string Database, int Schema);
