using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SignerCluster.Chaos.Plans;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Load;

/// <summary>
/// Clients that ask for sessions over HTTP as a careful caller does: on any error the same session id is asked for again at another coordinator, until it has
/// its signature or the deadline passes; whoever is told that the session runs asks the same one. Remembers everything that they were told.
/// </summary>
internal sealed class SigningLoad(HttpClient http, IReadOnlyList<string> urls, string group, LoadShape shape, Plan plan, Action<string> tell)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, SessionLog> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(bool Finished, int Count), TaskCompletionSource> _waiting = new();
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private int _accepted;
    private int _finished;
    private int _retries;
    private int _errors;

    private enum Asked
    {
        Ended,
        Runs,
        Failed,
    }

    internal int Accepted => Volatile.Read(ref _accepted);

    internal int Finished => Volatile.Read(ref _finished);

    internal int Retries => Volatile.Read(ref _retries);

    /// <summary>Retries after anything else than that the session runs.</summary>
    internal int Errors => Volatile.Read(ref _errors);

    internal int Count => plan.Sessions.Count;

    internal IReadOnlyCollection<SessionLog> Logs => [.. _logs.Values];

    /// <summary>Every answer that was no signature, with how often it came, most frequent first.</summary>
    internal IEnumerable<string> Answers => _answers.OrderByDescending(static answer => answer.Value).Select(static answer => $"{answer.Key} ×{answer.Value}");

    /// <summary>Completes when so many sessions were accepted, or finished.</summary>
    internal Task WhenAsync(bool finished, int count)
    {
        TaskCompletionSource reached = _waiting.GetOrAdd(
            (finished, count), static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Tell();
        return reached.Task;
    }

    /// <summary>Runs all sessions to their ends, or to the deadline.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(shape.Deadline);
        Stopwatch watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            plan.Sessions.Select(static (session, index) => (Session: session, Index: index)),
            new ParallelOptions { MaxDegreeOfParallelism = shape.Concurrency, CancellationToken = CancellationToken.None },
            async (one, _) =>
            {
                TimeSpan begins = shape.PerSecond > 0 ? TimeSpan.FromSeconds(one.Index / shape.PerSecond) : TimeSpan.Zero;
                await SignAsync(one.Session, begins - watch.Elapsed, deadline.Token);
            });
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task SignAsync(PlannedSession session, TimeSpan early, CancellationToken deadline)
    {
        SessionLog log = _logs[session.Session] = new SessionLog(session);
        int target = session.First;
        TimeSpan pause = _shortest;
        try
        {
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, deadline);
            }

            log.Begin();
            while (await AskAsync(urls[target % urls.Count], session, log, deadline) is not Asked.Ended and var asked)
            {
                Interlocked.Increment(ref _retries);
                if (asked == Asked.Failed)
                {
                    Interlocked.Increment(ref _errors);
                    target++;
                }

                await Task.Delay(pause, deadline);
                pause = pause + pause < _longest ? pause + pause : _longest;
            }

            Interlocked.Increment(ref _finished);
            Tell();
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            log.Note($"the deadline passed; the last answer was: {log.Last}");
        }
    }

    private async Task<Asked> AskAsync(string url, PlannedSession session, SessionLog log, CancellationToken deadline)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        patience.CancelAfter(shape.Patience);
        try
        {
            // What is left is for a busy machine to say that it still runs.
            int wait = Math.Max(1, (int)(shape.Patience.TotalSeconds * 3 / 4));
            Uri uri = new($"{url}/v1/groups/{group}/sessions?wait={wait}");
            using HttpResponseMessage response = await http.PostAsJsonAsync(
                uri, new { sessionId = session.Session, message = session.Message }, patience.Token);
            JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(patience.Token);
            return Read(response.StatusCode, body, log);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or IOException or NotSupportedException
            || (fault is OperationCanceledException && !deadline.IsCancellationRequested))
        {
            Note(log, fault is OperationCanceledException ? "no answer in time" : "connection failed");
            return Asked.Failed;
        }
    }

    private Asked Read(HttpStatusCode status, JsonElement body, SessionLog log)
    {
        if (status is not (HttpStatusCode.OK or HttpStatusCode.Accepted))
        {
            Note(log, $"{(int)status} {Text(body, "code")}");
            // A request that is refused as such stays refused; to ask again would only hide it until the deadline.
            return (int)status is >= 400 and < 500 && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
                ? Asked.Ended
                : Asked.Failed;
        }

        if (log.Accept())
        {
            Interlocked.Increment(ref _accepted);
            Tell();
        }

        if (Text(body, "signature") is { } signature)
        {
            log.Receive(signature);
            return Asked.Ended;
        }

        Note(log, $"{(int)status} {Text(body, "state")}");
        if (Text(body, "state") == "failed")
        {
            tell($"{log.Session.Session} failed: {body.GetRawText()}");
            return Asked.Ended;
        }

        return Asked.Runs;
    }

    private void Note(SessionLog log, string answer)
    {
        log.Note(answer);
        _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private void Tell()
    {
        foreach (((bool finished, int count), TaskCompletionSource reached) in _waiting)
        {
            if ((finished ? Finished : Accepted) >= count)
            {
                reached.TrySetResult();
            }
        }
    }
}
