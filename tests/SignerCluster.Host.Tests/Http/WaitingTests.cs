using System.Net;
using System.Text;

namespace SignerCluster.Host.Tests.Http;

/// <summary>Who waits, how long, and what a wait never touches.</summary>
public sealed class WaitingTests
{
    private static readonly string _message = new('a', 64);

    // Against a hang only.
    private static readonly TimeSpan _watchdog = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_session_is_accepted_while_participants_are_down_and_finishes_once_they_are_back()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        await host.StopParticipantsAsync(1, 2);

        Answer accepted = await host.SignAsync("s", _message);
        Answer waited = await host.SignAsync("s", _message, wait: 1);

        Assert.All([accepted, waited], answer =>
        {
            Assert.Equal((HttpStatusCode.Accepted, "running"), (answer.Status, answer.State));
            Assert.Equal($"{host.SessionsPath}/s", answer.Headers.Location?.OriginalString);
            Assert.False(answer.Json.TryGetProperty("signature", out _));
        });
        Assert.Equal("running", (await host.GetAsync(accepted.Headers.Location!.OriginalString)).State);

        host.StartParticipants(1, 2);
        Answer finished = await host.SignAsync("s", _message, wait: 60);

        Assert.Equal((HttpStatusCode.OK, "completed"), (finished.Status, finished.State));
    }

    [Fact]
    public async Task A_wait_ends_as_soon_as_the_session_does()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { BeforeSeat = _ => asked.TrySetResult() });
        await host.StopParticipantsAsync(0, 1, 2);

        // Longer than the client would wait, so only an early answer can pass.
        Task<Answer> waiting = host.SignAsync("s", _message, wait: 60);
        await asked.Task.WaitAsync(_watchdog);
        host.StartParticipants(0, 1, 2);

        Answer waited = await waiting;
        Assert.Equal((HttpStatusCode.OK, "completed"), (waited.Status, waited.State));
        Answer read = await host.GetAsync($"{host.SessionsPath}/s");
        Assert.All(
            ["sessionId", "message", "outputKey", "signature", "attempts"],
            property => Assert.Equal(read.Json.GetProperty(property).GetRawText(), waited.Json.GetProperty(property).GetRawText()));
    }

    [Fact]
    public async Task A_stopping_server_answers_those_who_wait_with_the_present_state()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { BeforeSeat = _ => asked.TrySetResult() });
        await host.StopParticipantsAsync(0, 1, 2);
        Task<Answer> waiting = host.SignAsync("s", _message, wait: 60);
        await asked.Task.WaitAsync(_watchdog);

        await host.Api.StopAsync(CancellationToken.None);

        Assert.Equal((HttpStatusCode.Accepted, "running"), ((await waiting).Status, (await waiting).State));
    }

    [Fact]
    public async Task A_caller_that_goes_away_gives_up_its_wait_and_not_the_session()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { BeforeSeat = _ => asked.TrySetResult() });
        await host.StopParticipantsAsync(0, 1, 2);
        using CancellationTokenSource leaving = new();
        using StringContent content = new($$"""{"sessionId":"s","message":"{{_message}}"}""", Encoding.UTF8, "application/json");
        Task abandoned = Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.Client.PostAsync($"{host.SessionsPath}?wait=60", content, leaving.Token));
        await asked.Task.WaitAsync(_watchdog);

        await leaving.CancelAsync();
        await abandoned;
        host.StartParticipants(0, 1, 2);

        Answer finished = await host.SignAsync("s", _message, wait: 60);
        Assert.Equal((HttpStatusCode.OK, "completed"), (finished.Status, finished.State));
    }
}
