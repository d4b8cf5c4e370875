using System.CommandLine;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;

namespace SignerCluster.Host.Verbs;

/// <summary><c>seat install</c>: puts the seats of a dealer's bundle into the database of the operator that it is for.</summary>
internal static class SeatVerb
{
    private static readonly Option<string> _config = CommonOptions.Config();
    private static readonly Option<string> _bundle =
        new("--bundle") { Description = "What the dealer made for this party.", HelpName = "FILE", Required = true };

    internal static Command Create(Terminal terminal)
    {
        Command install =
            new("install", "Install the seats of a bundle; nodes of the party know them from their next start on.") { _config, _bundle, CommonOptions.Json };
        install.SetAction((parsed, cancellation) => InstallAsync(parsed, terminal, cancellation));
        return new Command("seat", "The seats of a participant.") { install };
    }

    private static async Task<int> InstallAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string config = parsed.GetValue(_config)!;
        NodeSettings node = NodeSettings.Load(config, Environment.GetEnvironmentVariable);
        ParticipantRoleSettings role = node.Participant ?? throw new UsageException(
            "config_of_another_role",
            $"--config: {config} is not a participant's, and only participants hold seats. A coordinator's node takes: "
                + $"signer group install --config {config} --group-file GROUP.json");
        InstalledGroup installed = await SeatInstallation.InstallSeatsAsync(role, node, parsed.GetValue(_bundle)!, cancellation);
        return terminal.ShowLines(InstalledDocument.Of(role.Party, installed), ResultJson.Readable.InstalledDocument,
        [
            $"group   {installed.Group}",
            $"party   {role.Party}",
            $"seats   {string.Join(", ", installed.Seats)}",
            "Start the nodes of the party again, so that they know it.",
        ]);
    }
}

/// <summary><c>seat install --json</c> and <c>group install --json</c>.</summary>
internal sealed record InstalledDocument(string Group, string Party, IReadOnlyList<int> Seats)
{
    internal static InstalledDocument Of(string party, InstalledGroup installed) =>
        new(installed.Group.ToString(), party, [.. installed.Seats.Select(static seat => seat.Value)]);
}
