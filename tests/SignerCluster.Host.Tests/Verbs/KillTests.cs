using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Frost.Round1;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Host.Tests.Verbs;

/// <summary>The whole service is killed with -9 while it signs, and started again on the same directory.</summary>
public sealed class KillTests(DataFixture data) : IClassFixture<DataFixture>
{
    private const int Rounds = 3;
    private const int SessionsPerRound = 40;

    [Fact]
    public async Task D7_N1_kill_9_of_the_service_loses_no_accepted_session_and_no_nonce_signs_twice()
    {
        ConcurrentDictionary<string, string?> accepted = new(StringComparer.Ordinal);
        for (int round = 0; round < Rounds; round++)
        {
            await using SignerProcess up = Start();
            string url = await UrlAsync(up);
            await SignUntilKilledAsync(up, url, round, accepted);
            Assert.Equal(137, (await up.WaitAsync()).ExitCode);
        }

        Assert.True(accepted.Count >= Rounds, $"Only {accepted.Count} sessions were accepted, so the kills proved little.");
        await using (SignerProcess up = Start())
        {
            await CompleteAllAsync(await UrlAsync(up), accepted);
            Assert.Equal(0, (await up.StopAsync()).ExitCode);
        }

        await AssertEachCommitmentServedOnePackageAsync();
    }

    /// <summary>Sends sessions without waiting for their end, and kills the service after a part of them was accepted.</summary>
    private async Task SignUntilKilledAsync(SignerProcess up, string url, int round, ConcurrentDictionary<string, string?> accepted)
    {
        using HttpClient client = new() { BaseAddress = new Uri(url) };
        int before = accepted.Count;
        await Task.WhenAll(Enumerable.Range(0, SessionsPerRound).Select(async number =>
        {
            string session = string.Create(CultureInfo.InvariantCulture, $"kill-{round}-{number}");
            try
            {
                using HttpResponseMessage answer = await client.PostAsJsonAsync($"/v1/groups/{data.Group}/sessions", Body(session));
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted)
                {
                    accepted[session] = SignatureOf(await answer.Content.ReadFromJsonAsync<JsonElement>());
                }
            }
            catch (HttpRequestException)
            {
                // The service is dead already; what it had not acknowledged may or may not exist.
            }

            if (accepted.Count >= before + (10 * (round + 1)))
            {
                Kill(up);
            }
        }));
        Kill(up);
    }

    private async Task CompleteAllAsync(string url, ConcurrentDictionary<string, string?> accepted)
    {
        using HttpClient client = new() { BaseAddress = new Uri(url) };
        foreach ((string session, string? known) in accepted)
        {
            using HttpResponseMessage answer = await client.PostAsJsonAsync($"/v1/groups/{data.Group}/sessions?wait=60", Body(session));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            string? signature = SignatureOf(await answer.Content.ReadFromJsonAsync<JsonElement>());
            Assert.NotNull(signature);
            Assert.True(known is null || known == signature, $"{session} was answered with two signatures.");
        }
    }

    /// <summary>An audit with nothing but the journals: every share a seat ever released, by the commitment that it spent.</summary>
    private async Task AssertEachCommitmentServedOnePackageAsync()
    {
        Dictionary<Commitment, PackageHash> packages = [];
        using DataDirectory directory = DataDirectory.Look(data.Data);
        foreach (NodeDirectory participant in directory.Participants)
        {
            await using NodeStorage storage = await NodeStorage.LookAsync(directory, participant, NullLoggerFactory.Instance);
            IJournal journal = storage.Keeper.Journal;
            await foreach (EntityId seat in journal.ListAsync(EntityKind.SigningSession, CancellationToken.None))
            {
                Dictionary<AttemptId, Batch<Commitment>> joined = [];
                foreach (JournalRow row in await journal.ReadAsync(seat, 0, CancellationToken.None))
                {
                    switch (SigningSessionCodec.Events.Decode(row.Manifest, row.Message.Span))
                    {
                        case SigningSessionEvent.AttemptJoined join:
                            Assert.True(joined.TryAdd(join.Attempt.Id, join.Commitment), $"{seat} joined an attempt twice.");
                            break;
                        case SigningSessionEvent.ShareProduced produced:
                            Assert.All(
                                joined[produced.Attempt.Id],
                                used => Assert.True(packages.TryAdd(used, produced.Package), $"{seat} used a commitment twice."));
                            break;
                    }
                }
            }
        }

        Assert.True(packages.Count > 0, "No share was found, so the audit proves nothing.");
    }

    private static object Body(string session) =>
        new
        {
            sessionId = session,
            message = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(session))),
        };

    private static string? SignatureOf(JsonElement session) => session.TryGetProperty("signature", out JsonElement signature) ? signature.GetString() : null;

    private static void Kill(SignerProcess up)
    {
        using System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-KILL", $"{up.Id}"]);
        kill.WaitForExit();
    }

    private static async Task<string> UrlAsync(SignerProcess up) => (await up.WaitForLineAsync("signer is up at ")).Split(' ', ';')[4];

    private SignerProcess Start() => SignerProcess.Start(["up", "--data", data.Data, "--http", "127.0.0.1:0", "--allow-raw"]);
}
