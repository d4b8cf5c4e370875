using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Wire;
using SignerCluster.Trust;

namespace SignerCluster.Host.Verbs;

/// <summary><c>job</c>: what an operator does about covenant jobs at a running signer.</summary>
internal static class JobVerb
{
    private static readonly Option<string[]> _url = CommonOptions.Url();
    private static readonly Option<string?> _tokenFile = CommonOptions.TokenFile();
    private static readonly Option<string> _route = new Option<string>("--route") { Description = "Which route it came by.", Required = true }
        .AcceptOnlyFromAmong("self_v1", "qc_v1");

    private static readonly Option<string> _id = new("--id") { Description = "Its routeRequestId.", HelpName = "ID", Required = true };
    private static readonly Option<string> _reason = new("--reason") { Description = "Why; it is kept and shown.", HelpName = "TEXT", Required = true };
    private static readonly Option<string> _keyFile =
        new("--key") { Description = "The key to sign with, as signer pki identity makes it.", HelpName = "FILE", Required = true };

    private static readonly Option<string?> _out = new("--out") { Description = "Sign only, and write the decision here.", HelpName = "FILE" };
    private static readonly Option<string?> _group = CommonOptions.Group();
    private static readonly Option<string> _txid =
        new("--txid") { Description = "The transaction that spends the covenant.", HelpName = "TXID", Required = true };

    private static readonly Option<uint> _endBlock =
        new("--end-block") { Description = "The last height at which the certificate is good.", HelpName = "HEIGHT", Required = true };

    private static readonly Option<int> _wait = new("--wait")
    {
        Description = "How long to wait for the signature, at most 60.",
        HelpName = "SECONDS",
        DefaultValueFactory = static _ => 30,
    };

    internal static Command Create(Terminal terminal)
    {
        Command abandon = new(
            "abandon",
            "Give up a job whose record cannot be restored. Example: signer job abandon --route self_v1 --id spend-17 --reason TEXT --key op.key --url URL")
        {
            _route, _id, _reason, _keyFile, _url, _tokenFile, _out, CommonOptions.Json,
        };
        abandon.SetAction((parsed, cancellation) => AbandonAsync(parsed, terminal, cancellation));
        Command certificate = new("certificate", "Have a group sign its certificate for the transaction of a job; again until it is signed.")
        {
            _group, _txid, _endBlock, _wait, _url, _tokenFile, CommonOptions.Json,
        };
        certificate.SetAction((parsed, cancellation) => CertifyAsync(parsed, terminal, cancellation));
        return new Command("job", "Covenant jobs: approve one, give up one that cannot be restored, have a certificate issued.")
        {
            JobApprove.Create(terminal), abandon, certificate,
        };
    }

    private static async Task<int> AbandonAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string? path = parsed.GetValue(_out);
        string[]? urls = CommonOptions.Urls(parsed, _url);
        if ((path is null) == (urls is null))
        {
            throw new UsageException("place_required", $"Give one of {_url.Name}, to post the decision, and {_out.Name}, to sign it only.");
        }

        if (path is not null)
        {
            OutputFile.RequireFolder(_out.Name, path);
        }

        JobDecision decision = Sign(parsed);
        if (path is not null)
        {
            return Write(path, decision, terminal);
        }

        using SignerApi api = SignerApi.Open(urls!, parsed.GetValue(_tokenFile));
        AbandonedResponse abandoned = await api.PostAsync(
            $"/v1/{decision.Route}/signer/requests/{decision.RouteRequestId}:abandon",
            decision,
            WireJson.Default.JobDecision,
            SignerApi.Json.AbandonedResponse,
            cancellation);
        return terminal.ShowLines(
            abandoned,
            ResultJson.Readable.AbandonedResponse,
            [$"job       {abandoned.RequestId}", $"status    {abandoned.Status}", $"reason    {abandoned.Reason}", $"key       {abandoned.Key}"]);
    }

    private static int Write(string path, JobDecision decision, Terminal terminal)
    {
        string text = JsonSerializer.Serialize(decision, WireJson.Default.JobDecision);
        OutputFile.Replace(path, Encoding.UTF8.GetBytes(text));
        return terminal.ShowLines(
            JsonNode.Parse(text)!.AsObject(),
            ResultJson.Readable.JsonObject,
            [$"key       {decision.Key}", $"file      {Path.GetFullPath(path)}"]);
    }

    private static JobDecision Sign(ParseResult parsed)
    {
        string reason = parsed.GetValue(_reason)!;
        if (!JobDecision.IsReason(reason))
        {
            throw new UsageException("job_decision_reason_invalid", $"{_reason.Name}: 1..{JobDecision.MaximumReasonLength} printable characters.");
        }

        if (!CovenantKinds.TryParse(parsed.GetValue(_route)!, out CovenantKind route, out _)
            || !RouteRequestId.TryParse(parsed.GetValue(_id), out RouteRequestId id))
        {
            throw new UsageException("job_id_invalid", $"{_id.Name}: 1..{RouteRequestId.MaximumLength} characters of a-z, 0-9, _ and -.");
        }

        JobAddress job = new(route, id);
        ulong now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        using IdentityKey key = IdentityKey.Load(parsed.GetValue(_keyFile)!);
        Span<byte> auxiliary32 = stackalloc byte[32];
        Wiring.Entropy(auxiliary32);
        return new JobDecision(
            route.ToName(), id.ToString(), reason, now, key.Public.ToBytes(), key.Sign(JobDecision.MessageOf(job, reason, now).AsSpan(), auxiliary32));
    }

    private static async Task<int> CertifyAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        GroupId group = CommonOptions.RequireGroup(parsed.GetValue(_group));
        string text = parsed.GetValue(_txid)!;
        int wait = parsed.GetValue(_wait) is >= 0 and <= HttpLimits.MaximumWaitSeconds and var seconds
            ? seconds
            : throw new UsageException("wait_invalid", $"{_wait.Name}: seconds in 0..{HttpLimits.MaximumWaitSeconds}.");
        if (!Txid.TryParse(text, out Txid txid) || txid.ToString() != text)
        {
            throw new UsageException(JobRefusals.TxidInvalid.Code, $"{_txid.Name}: {JobRefusals.TxidInvalid.Message}");
        }

        string[] urls = CommonOptions.Urls(parsed, _url) ?? throw new UsageException("url_required", $"{_url.Name}: which signer? Give its address.");
        using SignerApi api = SignerApi.Open(urls, parsed.GetValue(_tokenFile));
        SignerCertificateResponse certificate = await api.PostAsync(
            $"{ApiPaths.Certificates}?wait={wait}",
            new SignerCertificateRequest(group.ToString(), text, parsed.GetValue(_endBlock)),
            HttpJson.Default.SignerCertificateRequest,
            SignerApi.Json.SignerCertificateResponse,
            cancellation,
            TimeSpan.FromSeconds(wait + 30));
        return certificate.Proof is { } proof
            ? terminal.ShowLines(
                certificate, ResultJson.Readable.SignerCertificateResponse, [$"end block  {certificate.EndBlock}", $"proof      {proof}"])
            : throw new UnavailableException("timed_out", $"The certificate is not signed after {wait} seconds. Ask again: it is the same signing.");
    }
}
