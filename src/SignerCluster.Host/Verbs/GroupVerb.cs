using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>group list</c> and <c>group show</c>: look, change nothing.</summary>
internal static class GroupVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string?> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Argument<string> _id = new("G") { Description = "The group's id." };

    internal static Command Create(Terminal terminal)
    {
        Command list = new("list", "All groups.") { _data, _url, _tokenFile, CommonOptions.Json };
        list.SetAction((parsed, cancellation) => ListAsync(parsed, terminal, cancellation));
        Command show = new("show", "One group: keys, addresses, seats.") { _id, _data, _url, _tokenFile, CommonOptions.Json };
        show.SetAction((parsed, cancellation) => ShowAsync(parsed, terminal, cancellation));
        return new Command("group", "Look at groups.") { list, show };
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
        GroupId id = CommonOptions.RequireGroup(parsed.GetValue(_id));
        return (await ReadAsync(parsed, cancellation)).FirstOrDefault(known => known.Group == id.ToString()) is { } found
            ? terminal.ShowLines(found, ResultJson.Readable.GroupResponse, Lines(found))
            : terminal.Report(Failure.Of(Refusal.Terminal("unknown_group", $"Group {id} is not known here. List the known ones with: signer group list.", ("group", id))));
    }

    private static async Task<IReadOnlyList<GroupResponse>> ReadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using IClusterView view = await ClusterView.OpenAsync(parsed.GetValue(_data), parsed.GetValue(_url), parsed.GetValue(_tokenFile), cancellation);
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
        yield return $"threshold   {group.Threshold} of {group.Participants}";
        yield return $"lifecycle   {group.Lifecycle}";
        for (int seat = 0; seat < group.PublicShares.Count; seat++)
        {
            yield return $"seat {seat,-6} {group.PublicShares[seat]}{(group.Quarantined.Contains(seat) ? " (quarantined)" : string.Empty)}";
        }
    }
}
