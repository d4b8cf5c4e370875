using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using SignerCluster.Host.Tests.Http;
using SignerCluster.Host.Verbs;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>How long <c>sign</c> waits, and for whom.</summary>
public sealed class SignPatienceTests
{
    private static readonly string _message = new('a', 64);
    private static readonly string _group = Point.Generator.XOnly.ToString();

    [Fact]
    public async Task F9_A_signer_that_is_silent_ends_the_wait_at_the_timeout_with_the_way_to_continue()
    {
        using TcpListener silent = Silent();
        Ended ended = await SignerProcess.RunAsync(
            "sign", "--url", UrlOf(silent), "--group", _group, "--message", _message, "--session", "f9", "--timeout", "0.5", "--json");
        JsonElement error = ended.Failed(3, "timed_out");
        Assert.EndsWith("--session f9", error.GetProperty("evidence").GetProperty("resume").GetString());
    }

    [Fact]
    public async Task F10_Work_that_keeps_its_thread_is_left_at_the_timeout()
    {
        using ManualResetEventSlim busy = new();
        SignEnd end = await SignDeadline.RunAsync(Order(TimeSpan.FromMilliseconds(50)), _ => Block(busy), CancellationToken.None);
        Assert.Equal("timed_out", Assert.IsType<SignEnd.Failed>(end).Failure.Code);
        busy.Set();
    }

    [Fact]
    public async Task F10_Work_that_keeps_its_thread_is_left_when_the_process_is_to_stop()
    {
        using ManualResetEventSlim busy = new();
        using CancellationTokenSource stopping = new();
        stopping.CancelAfter(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SignDeadline.RunAsync(Order(TimeSpan.FromHours(1)), _ => Block(busy), stopping.Token));
        busy.Set();
    }

    [Fact]
    public async Task F19_Who_waits_for_a_payment_is_told_the_step_the_seats_and_how_much_is_signed_together()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        await host.StopParticipantsAsync(0, 1);
        string path = $"{host.SessionsPath}/slow";
        Answer running = await host.PostAsync(Psbts.Body("slow", Psbts.Spending(host.GroupKey, inputs: 2)));
        while (running.Json.GetProperty("step").GetProperty("seats").GetInt32() == 0)
        {
            running = await host.GetAsync(path);
        }

        Assert.Equal("""{"name":"commitments","seats":1,"needed":2,"messages":2}""", running.Json.GetProperty("step").GetRawText());
        Channel<string> seen = Channel.CreateUnbounded<string>();
        WorkProgress progress = new("Signing") { Show = text => seen.Writer.TryWrite(text) };
        CoordinatorAddress session = new(host.Group, SessionId.Parse("slow"));
        foreach (Func<Func<Task<string>>, Task<string>> watch in (Func<Func<Task<string>>, Task<string>>[])
            [
                sign => SignProgress.WatchAsync(progress, [host.Api.Url.ToString()], tokenFile: null, session, sign, CancellationToken.None),
                sign => SignProgress.WatchAsync(progress, host.Journal, session, sign, CancellationToken.None),
            ])
        {
            seen = Channel.CreateUnbounded<string>();
            Assert.Equal("Signing slow: commitments of 1 of 2 seats for 2 messages…", await watch(() => seen.Reader.ReadAsync().AsTask()));
        }

        host.StartParticipants(0, 1);
        Answer done = await host.PostAsync(Psbts.Body("slow", Psbts.Spending(host.GroupKey, inputs: 2)), $"{host.SessionsPath}?wait=30");
        Assert.Equal("completed", done.State);
        Assert.False(done.Json.TryGetProperty("step", out _));
    }

    [Fact]
    public async Task F14_A_cluster_that_cannot_answer_yet_is_asked_again_until_it_can()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        using TcpListener gate = Silent();
        // The first answer is that of a coordinator whose session is on a node that does not answer; the next connection is the next signer's.
        Task first = AnswerAsync(gate, """
            {"type":"about:blank","title":"x","status":503,"detail":"x","code":"answer_timeout","class":"recoverable"}
            """);
        SignEnd end = await SignOverHttp.RunAsync(
            [UrlOf(gate), host.Api.Url.ToString()], tokenFile: null, Order(TimeSpan.FromMinutes(1), host.Group), CancellationToken.None);
        await first;
        Assert.Equal(host.Group.ToString(), Assert.IsType<SignEnd.Signed>(end).Document.Group);
    }

    [Fact]
    public async Task The_next_signer_is_asked_where_one_is_silent_or_not_there()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        using TcpListener silent = Silent();
        SignEnd end = await SignOverHttp.RunAsync(
            ["http://127.0.0.1:1", UrlOf(silent), host.Api.Url.ToString()],
            tokenFile: null,
            Order(TimeSpan.FromSeconds(15), host.Group),
            CancellationToken.None);
        Assert.Equal(64 * 2, Assert.IsType<SignEnd.Signed>(end).Document.Signature.Length);

        Ended listed = await SignerProcess.RunAsync("session", "list", "--url", "http://127.0.0.1:1", "--url", host.Api.Url.ToString(), "--json");
        Assert.Single(listed.Done().GetProperty("sessions").EnumerateArray());
    }

    private static async Task<SignEnd> Block(ManualResetEventSlim busy)
    {
        busy.Wait();
        return await Task.FromException<SignEnd>(new InvalidOperationException("Nobody waits for this any more."));
    }

    private static SignOrder Order(TimeSpan timeout, GroupId? group = null) =>
        new(group ?? GroupId.Parse(_group), SessionId.Parse("s"), psbt: null, FixedBytes.ParseHex<Bytes32>(_message), timeout);

    /// <summary>Takes connections and says nothing, as a process does that was stopped.</summary>
    private static TcpListener Silent()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static string UrlOf(TcpListener listener) => $"http://{listener.LocalEndpoint}";

    /// <summary>Answers one request and refuses all others.</summary>
    private static async Task AnswerAsync(TcpListener listener, string problem)
    {
        using TcpClient caller = await listener.AcceptTcpClientAsync();
        byte[] request = new byte[64 * 1024];
        _ = await caller.GetStream().ReadAsync(request);
        string head = $"HTTP/1.1 503 x\r\nContent-Type: application/problem+json\r\nContent-Length: {problem.Length}\r\nConnection: close\r\n\r\n";
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + problem));
        listener.Stop();
    }
}
