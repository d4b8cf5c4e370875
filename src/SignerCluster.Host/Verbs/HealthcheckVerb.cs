using System.CommandLine;
using System.Net;
using SignerCluster.Host.Http;
using SignerCluster.Protocol;

namespace SignerCluster.Host.Verbs;

/// <summary><c>healthcheck</c>: asks a running node whether it is well, for supervisors of containers that have no other client of HTTP.</summary>
internal static class HealthcheckVerb
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly Option<string> _url = new("--url") { Description = "Such as http://127.0.0.1:7420/readyz.", Required = true, HelpName = "URL" };

    internal static Command Create(Terminal terminal)
    {
        Command verb = new("healthcheck", "Ends with 0 when the URL answers 200 within five seconds.") { _url, CommonOptions.Json };
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        string given = parsed.GetValue(_url)!;
        if (!Uri.TryCreate(given, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            throw new UsageException("url_malformed", $"--url: an address such as http://127.0.0.1:7420/readyz, not '{given}'.");
        }

        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_patience);
        using HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
        using HttpResponseMessage answer = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        return answer.StatusCode == HttpStatusCode.OK
            ? terminal.ShowLines(new HealthResponse("well"), ResultJson.Readable.HealthResponse, [$"{url} is well."])
            : terminal.Report(Failure.Of(Refusal.Recoverable("not_well", $"{url} answered {(int)answer.StatusCode}.", ("status", (int)answer.StatusCode))));
    }
}
