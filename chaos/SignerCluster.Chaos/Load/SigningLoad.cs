using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Plans;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Load;

/// <summary>
/// Clients that ask for sessions, withdrawals or covenant jobs over HTTP as a careful caller does: on any error the same id is asked for again at another
/// coordinator, until it has its signature or the deadline passes; whoever is told that the session runs asks the same one. Remembers everything that they
/// were told.
/// </summary>
internal sealed class SigningLoad
{
    // The guardian's word, and the session's where that is begun already.
    private static readonly string[] _conflicts = ["withdrawal_conflict", "session_conflict", "job_conflict"];
    private const ulong Amount = 30_000;
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(500);
    private readonly HttpClient _http;
    private readonly string[] _urls;
    private readonly string _group;
    private readonly LoadShape _shape;
    private readonly Action<string> _tell;
    private readonly Order[] _orders;
    private readonly ConcurrentDictionary<(bool Finished, int Count), TaskCompletionSource> _waiting = new();
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private int _accepted;
    private int _finished;
    private int _retries;
    private int _errors;

    internal SigningLoad(HttpClient http, ClusterDocument cluster, LoadShape shape, Plan plan, Action<string> tell)
    {
        (_http, _group, _shape, _tell) = (http, cluster.Group, shape, tell);
        _urls = [.. cluster.Coordinators.Select(static node => node.Url)];
        _orders = [.. plan.Sessions.SelectMany(session => OrdersOf(session, cluster.OutputKey))];
        Logs = [.. _orders.Select(static order => order.Log).Distinct()];
    }

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

    /// <summary>How many ask.</summary>
    internal int Count => _orders.Length;

    internal IReadOnlyCollection<SessionLog> Logs { get; }

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

    /// <summary>Puts the group under the guardian that the load is for; nothing for others. Throws <see cref="CannotRunException"/>.</summary>
    internal Task PrepareAsync(CancellationToken cancellation) =>
        _shape.Rules is { } rules ? GuardianOfLoad.ConfigureAsync(_http, $"{_urls[0]}/v1/groups/{_group}/guardian", rules, cancellation) : Task.CompletedTask;

    /// <summary>Runs all sessions to their ends, or to the deadline.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_shape.Deadline);
        Stopwatch watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            _orders.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = _shape.Concurrency, CancellationToken = CancellationToken.None },
            async (one, _) =>
            {
                TimeSpan begins = _shape.PerSecond > 0 ? TimeSpan.FromSeconds(one.Index / _shape.PerSecond) : TimeSpan.Zero;
                await SignAsync(one.Item, one.Index, begins - watch.Elapsed, deadline.Token);
            });
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>One for each caller. Rivals ask under the same id for a payment of one satoshi more.</summary>
    private IEnumerable<Order> OrdersOf(PlannedSession session, string outputKey)
    {
        (SessionLog log, SessionLog rival) = (LogOf(session, outputKey, Amount), LogOf(session, outputKey, Amount + 1));
        for (int caller = 0; caller < _shape.Callers; caller++)
        {
            SessionLog asked = _shape.Rivals > 0 && caller % _shape.Rivals == _shape.Rivals - 1 ? rival : log;
            asked.Expect();
            yield return new Order(session, asked);
        }
    }

    private SessionLog LogOf(PlannedSession session, string outputKey, ulong amount) => _shape.Kind switch
    {
        LoadKind.Withdrawals => new SessionLog(session, new Payment(session.Message, outputKey, amount)),
        LoadKind.Jobs => new SessionLog(session, job: new CovenantJob(_group, session.Session, session.Message, amount)),
        _ => new SessionLog(session),
    };

    private async Task SignAsync(Order order, int number, TimeSpan early, CancellationToken deadline)
    {
        SessionLog log = order.Log;
        int target = order.Session.First + (_shape.Callers > 1 ? number : 0);
        TimeSpan pause = _shortest;
        try
        {
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, deadline);
            }

            log.Begin();
            while (await AskAsync(_urls[target % _urls.Length], order, deadline) is not Asked.Ended and var asked)
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

    private async Task<Asked> AskAsync(string url, Order order, CancellationToken deadline)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        patience.CancelAfter(_shape.Patience);
        try
        {
            // What is left is for a busy machine to say that it still runs.
            int wait = Math.Max(1, (int)(_shape.Patience.TotalSeconds * 3 / 4));
            Uri uri = new($"{url}/{order.PathOf(_group)}?wait={wait}");
            using HttpResponseMessage response = await _http.PostAsJsonAsync(uri, order.Body, patience.Token);
            JsonElement body = await response.Content.ReadFromJsonAsync<JsonElement>(patience.Token);
            return Read(response.StatusCode, body, order.Log);
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or IOException or NotSupportedException
            || (fault is OperationCanceledException && !deadline.IsCancellationRequested))
        {
            Note(order.Log, fault is OperationCanceledException ? "no answer in time" : "connection failed");
            return Asked.Failed;
        }
    }

    private Asked Read(HttpStatusCode status, JsonElement body, SessionLog log)
    {
        if (status is not (HttpStatusCode.OK or HttpStatusCode.Accepted))
        {
            return ReadProblem(status, body, log);
        }

        if (log.Accept())
        {
            Interlocked.Increment(ref _accepted);
            Tell();
        }

        if (log.Job is { } job)
        {
            return ReadJob(job, body, log);
        }

        JsonElement session = log.Payment is null ? body : body.GetProperty("session");
        if (log.Payment is not null)
        {
            log.Receive(ReadRecord(body), Text(session, "transaction"));
        }

        if (Text(session, "signature") is { } signature)
        {
            log.Receive(signature);
            return Asked.Ended;
        }

        Note(log, $"{(int)status} {Text(session, "state")}");
        if (Text(session, "state") == "failed")
        {
            _tell($"{log.Session.Session} failed: {body.GetRawText()}");
            return Asked.Ended;
        }

        return Asked.Runs;
    }

    private Asked ReadJob(CovenantJob job, JsonElement body, SessionLog log)
    {
        log.ReceiveIds($"{Text(body, "requestId")} {Text(body, "digest")}");
        Note(log, $"job {Text(body, "status")}");
        switch (Text(body, "status"))
        {
            case "ready":
                try
                {
                    (string signature, string message) = job.Read(body);
                    log.ReceiveMessage(message);
                    log.Receive(signature);
                }
                catch (FormatException wrong)
                {
                    _tell(wrong.Message);
                    log.Note(wrong.Message);
                }

                return Asked.Ended;
            case "failed":
                _tell($"{job.Id} failed: {body.GetRawText()}");
                return Asked.Ended;
            default:
                return Asked.Runs;
        }
    }

    private Asked ReadProblem(HttpStatusCode status, JsonElement body, SessionLog log)
    {
        Note(log, $"{(int)status} {Text(body, "code")}");
        if (_shape.Rivals > 0 && _conflicts.Contains(Text(body, "code"), StringComparer.Ordinal))
        {
            log.Refuse();
            return Asked.Ended;
        }

        // A request that is refused as such stays refused; to ask again would only hide it until the deadline. A guardian says which of its refusals pass.
        bool passes = status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || ((log.Payment is not null || log.Job is not null) && Text(body, "class") == "recoverable");
        if ((int)status is >= 400 and < 500 && !passes)
        {
            _tell($"{log.Session.Session} was refused: {body.GetRawText()}");
            return Asked.Ended;
        }

        return Asked.Failed;
    }

    private static WithdrawalAnswer ReadRecord(JsonElement body) => new(
        body.GetProperty("sequence").GetUInt64(),
        body.GetProperty("position").GetInt64(),
        Text(body, "txid") ?? string.Empty,
        body.GetProperty("debitSat").GetUInt64(),
        body.GetProperty("timestamp").GetUInt64(),
        Text(body, "hash") ?? string.Empty);

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
