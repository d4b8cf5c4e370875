using System.CommandLine;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using Spectre.Console;

namespace SignerCluster.Host.Verbs;

/// <summary><c>withdrawal list</c> and <c>withdrawal show</c>: look, change nothing.</summary>
internal static class WithdrawalVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly Option<ulong> _from = new("--from") { Description = "The number to begin with.", HelpName = "N" };
    private static readonly Argument<string> _id = new("ID") { Description = "The withdrawal's id." };

    internal static Command Create(Terminal terminal)
    {
        Command list = new("list", "A group's withdrawals, in the order of their numbers.") { _from, _data, _url, _tokenFile, _group, CommonOptions.Json };
        list.SetAction((parsed, cancellation) => ListAsync(parsed, terminal, cancellation));
        Command show = new("show", "One withdrawal: its record, and where its session stands.") { _id, _data, _url, _tokenFile, _group, CommonOptions.Json };
        show.SetAction((parsed, cancellation) => ShowAsync(parsed, terminal, cancellation));
        return new Command("withdrawal", "Look at withdrawals.") { list, show, WithdrawalVerify.Create(terminal) };
    }

    private static async Task<int> ListAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        await using IClusterView view = await OpenAsync(parsed, cancellation);
        GroupId group = await view.PickGroupAsync(parsed.GetValue(_group), cancellation);
        List<WithdrawalResponse> withdrawals = [];
        await terminal.WithProgressAsync("Reading…", async () =>
        {
            await foreach (WithdrawalResponse withdrawal in view.ListWithdrawalsAsync(group, parsed.GetValue(_from), cancellation))
            {
                withdrawals.Add(withdrawal);
            }

            return withdrawals;
        });
        return terminal.Show(new WithdrawalListResponse(withdrawals, Next: null), ResultJson.Readable.WithdrawalListResponse, console =>
        {
            Table table = new() { Border = TableBorder.Simple };
            table.AddColumns("number", "withdrawal", "debit, sat", "accepted", "txid");
            foreach (WithdrawalResponse one in withdrawals)
            {
                table.AddRow($"{one.Sequence}", one.WithdrawalId, $"{one.DebitSat}", UnixTime.ToText(one.Timestamp), one.Txid);
            }

            console.Write(table);
        });
    }

    private static async Task<int> ShowAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        SessionId id = CommonOptions.RequireSession(parsed.GetValue(_id)!, isKnown: true, name: "ID");
        await using IClusterView view = await OpenAsync(parsed, cancellation);
        GroupId group = await view.PickGroupAsync(parsed.GetValue(_group), cancellation);
        WithdrawalResponse found = await view.ReadWithdrawalAsync(new CoordinatorAddress(group, id), cancellation);
        return terminal.ShowLines(found, ResultJson.Readable.WithdrawalResponse, [.. Lines(found), .. SessionLines(found)]);
    }

    /// <summary>The record, for people.</summary>
    internal static IEnumerable<string> Lines(WithdrawalResponse record)
    {
        yield return $"withdrawal   {record.WithdrawalId}";
        yield return $"number       {record.Sequence}";
        yield return $"debit        {record.DebitSat} sat, the fee included";
        yield return $"accepted     {UnixTime.ToText(record.Timestamp)}";
        yield return $"record       {record.Position} of the guardian's chain, {record.Hash}";
    }

    private static IEnumerable<string> SessionLines(WithdrawalResponse record)
    {
        yield return $"txid         {record.Txid}";
        yield return record.Session is { } session
            ? $"session      {session.State}{(session.Failure is { } failure ? $": {failure.Code}" : string.Empty)}"
            : "session      not begun; ask for the withdrawal again with the same id and PSBT";
        foreach (MessageResponse message in record.Session?.Messages ?? [])
        {
            yield return $"input {message.Input,-7}{message.Signature ?? "not signed yet"}";
        }
    }

    private static Task<IClusterView> OpenAsync(ParseResult parsed, CancellationToken cancellation) =>
        ClusterView.OpenAsync(parsed.GetValue(_data), CommonOptions.Urls(parsed, _url), parsed.GetValue(_tokenFile), cancellation);
}
