using System.Buffers;
using System.CommandLine;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs;

/// <summary><c>sign</c>: one request to its end, by a cluster in this process or by a running one.</summary>
internal static class SignVerb
{
    private static readonly SearchValues<char> _hexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly PsbtOptions _psbt = new();
    private static readonly Option<string?> _message = new("--message") { Description = "A bare message to sign, 64 hex digits.", HelpName = "HEX32" };
    private static readonly PolicyOptions _policy = new();
    private static readonly Option<string?> _session = CommonOptions.Session();
    private static readonly Option<double> _timeout = CommonOptions.Timeout();

    internal static Command Create(Terminal terminal)
    {
        Command verb = new(
            "sign",
            """
            Sign a PSBT's key-path inputs, or one bare message.

            Example: signer sign --data ./data --group G --psbt payment.psbt --session payout-17 --out signed.psbt
            """)
        {
            _data, _url, _tokenFile, _group, _message, _session, _timeout, CommonOptions.Json,
        };
        _psbt.AddTo(verb);
        _policy.AddTo(verb);
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        SignOrder order = await ReadOrderAsync(parsed, cancellation);
        string[]? urls = CommonOptions.Urls(parsed, _url);
        SignPlace place = new(
            urls, parsed.GetValue(_tokenFile), urls is null ? CommonOptions.RequireData(parsed.GetValue(_data)) : null, _policy.Read(parsed));
        terminal.Resume = ResumeCommand(parsed, order.Session, place.Data);
        return await _psbt.SignAsync($"Signing {order.Session}…", order, place, parsed, terminal, cancellation);
    }

    private static async Task<SignOrder> ReadOrderAsync(ParseResult parsed, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        string? message = parsed.GetValue(_message);
        if ((_psbt.PathOf(parsed) is null) == (message is null))
        {
            throw new UsageException("payload_required", "--psbt, --message: give exactly one of them.");
        }

        if (CommonOptions.Urls(parsed, _url) is { } urls)
        {
            _policy.RequireNone(parsed);
            CommonOptions.RequireOnePlace(parsed.GetValue(_data), urls);
        }

        TimeSpan timeout = CommonOptions.ReadTimeout(parsed.GetValue(_timeout));
        byte[]? file = await _psbt.ReadAsync(parsed, cancellation);
        return new SignOrder(group, CommonOptions.ReadSession(parsed.GetValue(_session)), file, message is null ? null : ParseMessage(message), timeout)
        {
            Approvals = _psbt.ReadApprovals(parsed, group, file),
        };
    }

    private static Bytes32 ParseMessage(string hex) => FixedBytes.TryParseHex(hex, out Bytes32 message)
        ? message
        : throw new UsageException(
            "message_malformed",
            hex.Length == 64
                ? $"--message: 64 hex digits (32 bytes); character {hex.AsSpan().IndexOfAnyExcept(_hexDigits) + 1} is not one."
                : $"--message: 64 hex digits (32 bytes), not {hex.Length} characters.");

    private static string ResumeCommand(ParseResult parsed, SessionId session, string? data) => new CommandWords("signer", "sign")
        .With("--data", data)
        .With("--url", CommonOptions.Urls(parsed, _url) ?? [])
        .With("--token-file", parsed.GetValue(_tokenFile))
        .With("--group", parsed.GetValue(_group))
        .With("--psbt", _psbt.PathOf(parsed))
        .With("--message", parsed.GetValue(_message))
        .With("--approval", _psbt.ApprovalsOf(parsed))
        .With(_policy.Words(parsed))
        .With("--session", session.ToString())
        .With("--out", _psbt.OutOf(parsed))
        .ToString();
}
