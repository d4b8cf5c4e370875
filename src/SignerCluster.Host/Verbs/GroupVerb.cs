using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Settings;
using SignerCluster.Protocol;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>group list</c> and <c>group show</c> look and change nothing; <c>group install</c> makes a group known to a node's party.</summary>
internal static class GroupVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string> _config = CommonOptions.Config();
    private static readonly Option<string> _groupFile =
        new("--group-file") { Description = "The public document that the dealer made.", HelpName = "FILE", Required = true };
    private static readonly Argument<string> _id = new("G") { Description = "The group's id." };

    internal static Command Create(Terminal terminal)
    {
        Command list = new("list", "All groups.") { _data, _url, _tokenFile, CommonOptions.Json };
        list.SetAction((parsed, cancellation) => ListAsync(parsed, terminal, cancellation));
        Command show = new("show", "One group: keys, addresses, seats.") { _id, _data, _url, _tokenFile, CommonOptions.Json };
        show.SetAction((parsed, cancellation) => ShowAsync(parsed, terminal, cancellation));
        Command install = new("install", "Make a group known to the party of a node, as a coordinator needs it.") { _config, _groupFile, CommonOptions.Json };
        install.SetAction((parsed, cancellation) => InstallAsync(parsed, terminal, cancellation));
        return new Command("group", "The groups and their public data.") { list, show, GroupAddress.Create(terminal), install };
    }

    private static async Task<int> InstallAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        NodeSettings node = NodeSettings.Load(parsed.GetValue(_config)!, Environment.GetEnvironmentVariable);
        RoleSettings role = (RoleSettings?)node.Coordinator ?? node.Participant!;
        InstalledGroup installed = await SeatInstallation.InstallGroupAsync(role, node, parsed.GetValue(_groupFile)!, cancellation);
        return terminal.ShowLines(InstalledDocument.Of(role.Party, installed), ResultJson.Readable.InstalledDocument,
        [
            $"group   {installed.Group}",
            $"party   {role.Party}",
            "Start the nodes of the party again, so that they know it.",
        ]);
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        IReadOnlyList<GroupResponse> groups = await ReadAsync(parsed, cancellation);
        return terminal.Show(new GroupListResponse(groups), ResultJson.Readable.GroupListResponse, console =>
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("group", "threshold", "lifecycle");
            foreach (GroupResponse group in groups)
            {
                table.AddRow(group.Group, $"{group.Threshold} of {group.Participants}", group.Lifecycle);
            }

            console.Write(table);
        });
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId id = CommonOptions.RequireGroup(parsed.GetValue(_id), "G");
        return (await ReadAsync(parsed, cancellation)).FirstOrDefault(known => known.Group == id.ToString()) is { } found
            ? terminal.ShowLines(found, ResultJson.Readable.GroupResponse, Lines(found))
            : terminal.Report(Failure.Of(Refusals.UnknownGroup(id)));
    }

    private static async Task<IReadOnlyList<GroupResponse>> ReadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using IClusterView view = await ClusterView.OpenAsync(
            parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_tokenFile), cancellation);
        return await view.ListGroupsAsync(cancellation);
    }

    private static IEnumerable<string> Lines(GroupResponse group)
    {
        yield return $"group       {group.Group}";
        yield return $"group key   {group.GroupKey}";
        yield return $"output key  {group.OutputKey}";
        yield return $"mainnet     {group.Addresses.Mainnet}";
        yield return $"testnet     {group.Addresses.Testnet}";
        yield return $"regtest     {group.Addresses.Regtest}";
        yield return $"descriptor  {group.Descriptor}";
        if (group.Wallet is { } wallet)
        {
            yield return $"wallet      {wallet.Mainnet.Descriptor}";
            yield return $"  test nets {wallet.Testnet.Descriptor}";
            yield return $"  policy    {wallet.Policy}, @0 is {wallet.Mainnet.Key}";
        }

        yield return $"threshold   {group.Threshold} of {group.Participants}";
        yield return $"lifecycle   {group.Lifecycle}";
        for (int seat = 0; seat < group.PublicShares.Count; seat++)
        {
            yield return $"seat {seat,-6} {group.PublicShares[seat]}{(group.Quarantined.Contains(seat) ? " (quarantined)" : string.Empty)}";
        }
    }
}
