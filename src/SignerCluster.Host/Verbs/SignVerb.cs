using System.Buffers;
using System.CommandLine;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Policy;
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
    private static readonly Option<string?> _psbt = PsbtFile.Option("The PSBT to sign, binary or base64; - for standard input.");
    private static readonly Option<string?> _message = new("--message") { Description = "A bare message to sign, 64 hex digits.", HelpName = "HEX32" };
    private static readonly PolicyOptions _policy = new();
    private static readonly Option<string?> _session = CommonOptions.Session();
    private static readonly Option<string?> _out =
        new("--out") { Description = "Where to write the signed PSBT, in the form in which it was given; - for standard output.", HelpName = "FILE|-" };
    private static readonly Option<string[]> _approvals =
        new("--approval") { Description = "A person's approval of the PSBT, as signer approve writes it. May be given again.", HelpName = "FILE" };
    private static readonly Option<string> _network = CommonOptions.Network();
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
            _data, _url, _tokenFile, _group, _psbt, _message, _approvals, _session, _out, _network, _timeout, CommonOptions.Json,
        };
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
        PaymentDocument? payment = order.Psbt is { } file && Psbt.TryLoad(file, out Psbt? psbt, out _)
            ? PaymentDocument.Of(psbt, order.Group, CommonOptions.ReadNetwork(parsed.GetValue(_network)!))
            : null;
        Terminal.RemarkLines(payment?.Lines() ?? []);
        terminal.Resume = ResumeCommand(parsed, order.Session, place.Data);
        return await place.RunAsync($"Signing {order.Session}…", order, terminal, cancellation) switch
        {
            SignEnd.Signed signed => SignResult.Show(terminal, order, signed.Document, payment, parsed.GetValue(_out)),
            SignEnd.Failed failed => terminal.Report(failed.Failure),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async Task<SignOrder> ReadOrderAsync(ParseResult parsed, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        (string? psbt, string? message) = (parsed.GetValue(_psbt), parsed.GetValue(_message));
        if ((psbt is null) == (message is null))
        {
            throw new UsageException("payload_required", "--psbt, --message: give exactly one of them.");
        }

        if (CommonOptions.Urls(parsed, _url) is { } urls)
        {
            _policy.RequireNone(parsed);
            CommonOptions.RequireOnePlace(parsed.GetValue(_data), urls);
        }

        TimeSpan timeout = CommonOptions.ReadTimeout(parsed.GetValue(_timeout));
        if (parsed.GetValue(_out) is { } outPath)
        {
            RequireOut(outPath, psbt, parsed.GetValue(CommonOptions.Json));
        }

        byte[]? file = psbt is null ? null : await PsbtFile.ReadAsync(psbt, cancellation);
        return new SignOrder(group, CommonOptions.ReadSession(parsed.GetValue(_session)), file, message is null ? null : ParseMessage(message), timeout)
        {
            Approvals = ReadApprovals(parsed, group, file),
        };
    }

    private static Batch<Approval>? ReadApprovals(ParseResult parsed, GroupId group, byte[]? file)
    {
        string[] paths = parsed.GetValue(_approvals) ?? [];
        if (paths.Length > 0 && file is null)
        {
            throw new UsageException("approval_needs_psbt", $"{_approvals.Name}: only a PSBT is approved; give --psbt.");
        }

        // What is no PSBT is refused where it is to be signed.
        return paths.Length > 0 && Psbt.TryLoad(file, out Psbt? psbt, out _)
            ? Batch.Of(paths.Select(path => ApprovalDocument.Load(_approvals.Name, path, group, psbt.UnsignedTransaction.Txid)))
            : null;
    }

    private static void RequireOut(string path, string? psbt, bool asJson)
    {
        if (psbt is null)
        {
            throw new UsageException("out_needs_psbt", "--out: only a PSBT has a signed file; give --psbt.");
        }

        if (path != OutputFile.StandardStream)
        {
            OutputFile.RequireFolder("--out", path);
        }
        else if (asJson)
        {
            throw new UsageException("out_with_json", "--out -: the object of --json has the signed PSBT already. Give only one of them, or name a file.");
        }
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
        .With("--psbt", parsed.GetValue(_psbt))
        .With("--message", parsed.GetValue(_message))
        .With(_approvals.Name, parsed.GetValue(_approvals) ?? [])
        .With(_policy.Words(parsed))
        .With("--session", session.ToString())
        .With("--out", parsed.GetValue(_out))
        .ToString();
}
