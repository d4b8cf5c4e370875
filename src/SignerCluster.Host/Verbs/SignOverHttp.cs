using System.Diagnostics;
using System.Globalization;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Verbs;

/// <summary>Signs by a running signer.</summary>
internal static class SignOverHttp
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Where there is another signer to ask, no single one is waited for longer than this.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(10);

    internal static async Task<SignEnd> RunAsync(string[] urls, string? tokenFile, SignOrder order, CancellationToken cancellation)
    {
        string? psbt = Base64(order);
        using SignerApi api = SignerApi.Open(urls, tokenFile);
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < order.Timeout)
        {
            if (await TryAskAsync(api, psbt, order, order.Timeout - watch.Elapsed, cancellation) is not ({ } session, var record))
            {
                await Task.Delay(_pause, cancellation);
                continue;
            }

            switch (session)
            {
                case { State: "completed", Messages: { Count: > 0 } messages }:
                    return new SignEnd.Signed(Document(order, session, messages, watch.Elapsed) with
                    {
                        Withdrawal = record is null ? null : record with { Session = null, Envelope = null },
                        Envelope = record?.Envelope,
                    });
                case { Failure: { } failure }:
                    return new SignEnd.Failed(new Failure(ExitCode.Refused, failure.Code, failure.Class, failure.Message, failure.Evidence));
                case { State: "running" }:
                    // A signer that is stopping answers at once; asking it again at once would only keep it busy.
                    await Task.Delay(_pause, cancellation);
                    break;
                default:
                    throw new UnavailableException("server_unexpected", $"--url: session {order.Session} is in a state unknown here: '{session.State}'.");
            }
        }

        return SignEnd.TimedOut(order.Session, order.Timeout);
    }

    /// <summary>Null when the cluster behind the signer could not answer in its time, which passes.</summary>
    private static async Task<(SessionResponse? Session, WithdrawalResponse? Record)> TryAskAsync(
        SignerApi api, string? psbt, SignOrder order, TimeSpan left, CancellationToken cancellation)
    {
        TimeSpan share = left / api.Count;
        TimeSpan patience = api.Count == 1 || share < _turn ? share : _turn;
        // Half of a turn is for the answer, so that a signer that works is not taken for one that is silent.
        double seconds = api.Count == 1 ? Math.Ceiling(left.TotalSeconds) : Math.Floor(patience.TotalSeconds / 2);
        string wait = string.Create(CultureInfo.InvariantCulture, $"?wait={Math.Min(seconds, HttpLimits.MaximumWaitSeconds)}");
        try
        {
            return order.Withdrawal is { } terms
                ? await WithdrawAsync(
                    api, new WithdrawalRequest(order.Session.ToString(), psbt!, terms.Timestamp, Approvals(order)), order, wait, patience, cancellation)
                : (await SignAsync(api, psbt, order, wait, patience, cancellation), null);
        }
        catch (ApiException answer) when (answer.Failure is { ExitCode: ExitCode.Unavailable, Code: "answer_timeout" })
        {
            return default;
        }
    }

    private static Task<SessionResponse> SignAsync(
        SignerApi api, string? psbt, SignOrder order, string wait, TimeSpan patience, CancellationToken cancellation)
    {
        ProofBody? proof = order.Proof is { } artefact ? new ProofBody(artefact.Text, artefact.Path.ToString()) : null;
        SessionRequest request = new(order.Session.ToString(), order.Message?.ToString(), psbt, Approvals(order), proof);
        return api.PostAsync(
            $"/v1/groups/{order.Group}/sessions{wait}", request, HttpJson.Default.SessionRequest, SignerApi.Json.SessionResponse, cancellation, patience);
    }

    private static async Task<(SessionResponse? Session, WithdrawalResponse? Record)> WithdrawAsync(
        SignerApi api, WithdrawalRequest request, SignOrder order, string wait, TimeSpan patience, CancellationToken cancellation)
    {
        WithdrawalResponse answer = await api.PostAsync(
            $"/v1/groups/{order.Group}/withdrawals{wait}",
            request,
            HttpJson.Default.WithdrawalRequest,
            SignerApi.Json.WithdrawalResponse,
            cancellation,
            patience);
        return answer.Session is { } session
            ? (session, answer)
            : throw new UnavailableException("server_unexpected", $"--url: withdrawal {order.Session} came back without its session.");
    }

    private static string[]? Approvals(SignOrder order) => order.Approvals?.Select(static approval => approval.ToString()).ToArray();

    /// <summary>The API takes base64 only. A file that is no PSBT goes as it is, so that the signer's refusal is the one that is shown.</summary>
    private static string? Base64(SignOrder order) => order switch
    {
        { Psbt: null } => null,
        { IsBinary: true } => Convert.ToBase64String(order.Psbt),
        _ => Psbt.TryLoad(order.Psbt, out Psbt? psbt, out _) ? psbt.ToBase64() : Convert.ToBase64String(order.Psbt),
    };

    private static SignDocument Document(SignOrder order, SessionResponse session, IReadOnlyList<MessageResponse> messages, TimeSpan elapsed) =>
        SignDocument.Of(
            order.Session.ToString(),
            session.Group,
            [.. messages.Select(static message => new SignedInputDocument(
                message.SessionId, message.Input, message.OutputKey ?? string.Empty, message.Message, message.Signature ?? string.Empty, message.Attempts))],
            elapsed,
            session.Psbt,
            session.Transaction) with
        {
            Proof = session.Proof,
        };
}
