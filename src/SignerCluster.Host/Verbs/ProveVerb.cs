using System.CommandLine;
using System.Diagnostics;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;

namespace SignerCluster.Host.Verbs;

/// <summary><c>prove</c>: a BIP-322 proof that the group controls an address, by a cluster in this process or by a running one.</summary>
internal static class ProveVerb
{
    private static readonly Option<string?> _data = CommonOptions.Data();
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly Option<string?> _message = new("--message") { Description = "The text to sign.", HelpName = "TEXT" };
    private static readonly PathOptions _path = new();
    private static readonly Option<bool> _full =
        new("--full") { Description = "The full proof, the whole transaction, instead of the simple one, which most wallets read." };
    private static readonly Option<string?> _session = CommonOptions.Session();
    private static readonly Option<string> _network = CommonOptions.Network();
    private static readonly Option<double> _timeout = CommonOptions.Timeout();

    internal static Command Create(Terminal terminal)
    {
        Command verb = new(
            "prove",
            """
            Prove that the group controls an address: a BIP-322 signature of a text, which can never move money.

            Example: signer prove --data ./data --group G --message "Reserves of 2026-12-31" --index 5
            """)
        {
            _data, _url, _tokenFile, _group, _message, _full, _session, _network, _timeout, CommonOptions.Json,
        };
        _path.AddTo(verb);
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        string text = parsed.GetValue(_message) ?? throw new UsageException("message_required", "--message: which text? Give --message TEXT.");
        PolicyArtefact.MessageProof proof = new(text, _path.Read(parsed) ?? DerivationPath.Root);
        string[]? urls = CommonOptions.Urls(parsed, _url);
        CommonOptions.RequireOnePlace(parsed.GetValue(_data), urls);
        SignPlace place = new(
            urls, parsed.GetValue(_tokenFile), urls is null ? CommonOptions.RequireData(parsed.GetValue(_data)) : null, new ClusterSettings());
        SignOrder order = new(
            group,
            CommonOptions.ReadSession(parsed.GetValue(_session)),
            psbt: null,
            message: null,
            CommonOptions.ReadTimeout(parsed.GetValue(_timeout)),
            proof);
        terminal.Resume = ResumeCommand(parsed, order, place.Data);
        return await place.RunAsync($"Proving {order.Session}…", order, terminal, cancellation) switch
        {
            SignEnd.Signed signed => Show(terminal, parsed, signed.Document),
            SignEnd.Failed failed => terminal.Report(failed.Failure),
            _ => throw new UnreachableException(),
        };
    }

    private static int Show(Terminal terminal, ParseResult parsed, SignDocument signed)
    {
        ProofResponse proof = signed.Proof ?? throw new UnavailableException("server_unexpected", "--url: the signer there gave no proof.");
        bool isFull = parsed.GetValue(_full);
        ProofDocument shown = new(
            signed.Session,
            signed.Group,
            proof.Path,
            proof.Addresses.Of(CommonOptions.ReadNetwork(parsed.GetValue(_network)!)),
            proof.Message,
            isFull ? "full" : "simple",
            (isFull ? proof.Full : proof.Simple) ?? string.Empty,
            signed.OutputKey,
            signed.Signature,
            signed.Attempts,
            signed.ElapsedMs);
        return terminal.ShowLines(shown, ResultJson.Readable.ProofDocument,
        [
            $"session  {shown.Session}",
            $"address  {shown.Address}",
            $"path     {shown.Path}",
            $"message  {shown.Message}",
            $"proof    {shown.Proof}",
        ]);
    }

    private static string ResumeCommand(ParseResult parsed, SignOrder order, string? data) => new CommandWords("signer", "prove")
        .With("--data", data)
        .With("--url", CommonOptions.Urls(parsed, _url) ?? [])
        .With("--token-file", parsed.GetValue(_tokenFile))
        .With("--group", order.Group.ToString())
        .With("--message", order.Proof!.Text)
        .With("--path", order.Proof.Path.ToString())
        .With(parsed.GetValue(_full) ? [_full.Name] : [])
        .With("--session", order.Session.ToString())
        .ToString();
}
