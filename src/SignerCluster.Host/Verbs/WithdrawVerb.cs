using System.CommandLine;
using System.Globalization;
using SignerCluster.Protocol;

namespace SignerCluster.Host.Verbs;

/// <summary><c>withdraw</c>: a payment of a group under a guardian to its end, by a cluster in this process or by a running one.</summary>
internal static class WithdrawVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly PsbtOptions _psbt = new();
    private static readonly PolicyOptions _policy = new();
    private static readonly Option<string?> _id =
        new("--id") { Description = "The id of the withdrawal; the same id and PSBT are the same withdrawal, and are paid for once.", HelpName = "ID" };
    private static readonly Option<ulong?> _timestamp =
        new("--timestamp") { Description = "When it was asked for, in unix seconds; the guardian's own time where not given.", HelpName = "T" };
    private static readonly Option<double> _timeout = CommonOptions.Timeout();

    internal static Command Create(Terminal terminal)
    {
        Command verb = new(
            "withdraw",
            """
            Have the guardian of a group accept a payment, once for its id, and sign it.

            Example: signer withdraw --data ./data --group G --psbt payment.psbt --id payout-17 --out signed.psbt
            """)
        {
            _data, _url, _tokenFile, _group, _id, _timestamp, _timeout, CommonOptions.Json,
        };
        _psbt.AddTo(verb);
        _policy.AddPaymentsTo(verb);
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        (string? data, string[]? urls) = (parsed.GetValue(_data), CommonOptions.Urls(parsed, _url));
        CommonOptions.RequireOnePlace(data, urls);
        if (urls is not null)
        {
            _policy.RequireNone(parsed);
        }

        SignOrder order = await ReadOrderAsync(parsed, cancellation);
        SignPlace place = new(urls, parsed.GetValue(_tokenFile), urls is null ? CommonOptions.RequireData(data) : null, _policy.Read(parsed));
        terminal.Resume = ResumeCommand(parsed, order.Session, place.Data);
        return await _psbt.SignAsync($"Withdrawing {order.Session}…", order, place, parsed, terminal, cancellation);
    }

    private static async Task<SignOrder> ReadOrderAsync(ParseResult parsed, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        SessionId id = CommonOptions.ReadSession(parsed.GetValue(_id), "--id");
        TimeSpan timeout = CommonOptions.ReadTimeout(parsed.GetValue(_timeout));
        byte[] psbt = await _psbt.ReadAsync(parsed, cancellation) ?? throw new UsageException("payload_required", "--psbt: which payment? Give --psbt FILE.");
        return new SignOrder(group, id, psbt, message: null, timeout)
        {
            Approvals = _psbt.ReadApprovals(parsed, group, psbt),
            Withdrawal = new WithdrawalTerms(parsed.GetValue(_timestamp)),
        };
    }

    private static string ResumeCommand(ParseResult parsed, SessionId id, string? data) => new CommandWords("signer", "withdraw")
        .With("--data", data)
        .With("--url", CommonOptions.Urls(parsed, _url) ?? [])
        .With("--token-file", parsed.GetValue(_tokenFile))
        .With("--group", parsed.GetValue(_group))
        .With("--psbt", _psbt.PathOf(parsed))
        .With("--approval", _psbt.ApprovalsOf(parsed))
        .With(_policy.Words(parsed))
        .With("--timestamp", parsed.GetValue(_timestamp)?.ToString(CultureInfo.InvariantCulture))
        .With("--id", id.ToString())
        .With("--out", _psbt.OutOf(parsed))
        .ToString();
}
