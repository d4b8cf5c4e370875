using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Messages;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Frost;
using SignerCluster.Host.Http;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Http;

/// <summary>
/// A data directory with one 2-of-3 group, and the real API over the whole cluster in it, which can be stopped and started again over the same journals. The
/// clock of all parties stands still until the test moves it.
/// </summary>
internal sealed class GuardedHost : IAsyncDisposable
{
    internal const int Participants = 3;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-guarded-");
    private string? _token;
    private IRegistry? _registry;
    private XOnlyPublicKey? _decisionKey;
    private RunningCluster _running = null!;
    private HttpApi _api = null!;

    private GuardedHost()
    {
    }

    internal GroupId Group { get; private set; }

    internal XOnlyPublicKey Key => XOnlyPublicKey.Parse(Group.X.AsSpan());

    internal StandingClock Clock { get; } = new();

    internal ApiCaller Api { get; private set; } = null!;

    internal RunningCluster Running => _running;

    internal string GroupPath => $"/v1/groups/{Group}";

    internal string GuardianPath => $"{GroupPath}/guardian";

    internal string WithdrawalsPath => $"{GroupPath}/withdrawals";

    /// <summary>Starts it; where there is a bucket, under a guardian that every seat has heard of.</summary>
    /// <param name="capacitySat">Of the one bucket; null for no guardian.</param>
    /// <param name="registry">Where covenant jobs look reserves up; null to take none.</param>
    internal static async Task<GuardedHost> StartAsync(
        ulong? capacitySat = null, ulong refillSatPerSecond = 10, string? token = null, IRegistry? registry = null, XOnlyPublicKey? decisionKey = null)
    {
        GuardedHost host = new();
        using (DataDirectory directory = DataDirectory.Hold(host._folder.FullName))
        {
            host.Group = (await Wiring.CreateGroupAsync(directory, threshold: 2, Participants)).Value;
        }

        (host._token, host._registry, host._decisionKey) = (token, registry, decisionKey);
        await host.StartAsync();
        if (capacitySat is { } capacity)
        {
            Answer configured = await host.ConfigureAsync(Rules(capacity, refillSatPerSecond));
            Assert.Equal(HttpStatusCode.OK, configured.Status);
            await host.UntilFoldedAsync();
        }

        return host;
    }

    internal static string Rules(ulong capacitySat, ulong refillSatPerSecond, ulong looseningDelaySeconds = 1000) =>
        $$"""
        {
          "windows": [{ "name": "hour", "capacitySat": {{capacitySat}}, "refillSatPerSecond": {{refillSatPerSecond}} }],
          "looseningDelaySeconds": {{looseningDelaySeconds}}
        }
        """;

    internal Task<Answer> ConfigureAsync(string rules) => Api.PostAsync(rules, GuardianPath);

    internal Task<Answer> SayAsync(string path, string reason) => Api.PostAsync($$"""{"reason":"{{reason}}"}""", $"{GroupPath}/{path}");

    internal Task<Answer> WithdrawAsync(string id, Psbt psbt, ulong? timestamp = null, int wait = 30) => Api.PostAsync(
        $$"""{"withdrawalId":"{{id}}","psbt":"{{psbt.ToBase64()}}"{{(timestamp is { } at ? $",\"timestamp\":{at}" : string.Empty)}}}""",
        $"{WithdrawalsPath}?wait={wait}");

    /// <summary>Asks for a withdrawal, and demands that it comes back signed.</summary>
    internal async Task<Answer> WithdrawnAsync(string id, Psbt psbt, ulong? timestamp = null)
    {
        Answer answer = await WithdrawAsync(id, psbt, timestamp);
        Assert.True(
            answer.Status == HttpStatusCode.OK && answer.Json.GetProperty("session").GetProperty("state").GetString() == "completed", answer.Text);
        return answer;
    }

    internal async Task<ulong> AvailableAsync() => (await Api.GetAsync($"{GroupPath}/capacity")).Json.GetProperty("availableSat").GetUInt64();

    /// <summary>The guardians as the process shows them: the coordinator's first, then those of the seats.</summary>
    internal async Task<JsonElement[]> GuardiansAsync() => [.. (await Api.GetAsync(GuardianPath)).Json.GetProperty("guardians").EnumerateArray()];

    /// <summary>Asks until every seat's guardian has folded the whole chain, and the coordinator's knows it.</summary>
    internal async Task<JsonElement[]> UntilFoldedAsync()
    {
        using CancellationTokenSource watchdog = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            watchdog.Token.ThrowIfCancellationRequested();
            JsonElement[] guardians = await GuardiansAsync();
            long records = guardians[0].GetProperty("records").GetInt64();
            if (guardians[0].GetProperty("seats").EnumerateArray().All(seat => seat.GetInt64() == records))
            {
                return guardians;
            }
        }
    }

    /// <summary>What the operator of one participant says to its own guardian, as on a node of its own.</summary>
    internal async Task<GuardianReply> SayToSeatAsync(int seat, GuardianCommand command)
    {
        // The coordinator's come first.
        ServedGuardians party = _running.Cluster.Guardians[seat + 1];
        FromGuardian answer = await party.Desk.AskAsync(new GuardianAddress(Group, (SeatId?)new SeatId(seat)), command, CancellationToken.None);
        return Assert.IsType<GuardianAnswer.Granted>(answer.Answer).Reply;
    }

    /// <summary>How many events the coordinator's journal has of the guardian, and how many sessions it has.</summary>
    internal async Task<(long Events, int Sessions)> WrittenAsync()
    {
        int sessions = 0;
        await foreach (EntityId _ in _running.CoordinatorJournal.ListAsync(EntityKind.RoastCoordinator, CancellationToken.None))
        {
            sessions++;
        }

        return (await _running.CoordinatorJournal.ReadVersionAsync(EntityAddress.Of(new GuardianAddress(Group)), CancellationToken.None), sessions);
    }

    /// <summary>Stops everything and starts it again on what is on the disk.</summary>
    internal async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Cuts the first row of one participant's guardian while all stands still.</summary>
    internal Task RestartWithDamageAsync(int participant) => RestartWithDamageAsync(Path.Combine("participants", $"{participant}"), "guard/%");

    /// <summary>Cuts the first row of a history in a node's journal while all stands still.</summary>
    /// <param name="node">Its folder in the data directory.</param>
    /// <param name="history">The one that is like it, as SQL has it.</param>
    internal async Task RestartWithDamageAsync(string node, string history)
    {
        await StopAsync();
        string journal = Path.Combine(_folder.FullName, node, "journal.db");
        await using (SqliteConnection connection = new($"Data Source={journal};Pooling=False"))
        {
            await connection.OpenAsync();
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                "UPDATE journal SET message = substr(message, 1, length(message) - 1) WHERE persistence_id LIKE $history AND sequence_number = 1";
            command.Parameters.AddWithValue("$history", history);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        ClusterSettings settings = new()
        {
            Policy = new SigningPolicy { AllowRaw = true, AllowPartialSighash = true },
            Time = Clock,
            Embedded = new() { Registry = _registry, DecisionKey = _decisionKey },
        };
        _running = await Wiring.StartAsync(_folder.FullName, settings, NullLoggerFactory.Instance, CancellationToken.None);
        BearerToken? token = _token is null ? null : BearerToken.Load(ApiHost.TokenFile(_folder.FullName, _token));
        _api = HttpApi.Build(new HttpSettings(HttpSettings.ParseEndpoint("127.0.0.1:0"), token), _running.Served, Clock, NullLoggerFactory.Instance);
        await _api.StartAsync(CancellationToken.None);
        Api = new ApiCaller(_api.Url);
        Api.Client.DefaultRequestHeaders.Authorization = _token is null ? null : new AuthenticationHeaderValue("Bearer", _token);
    }

    private async Task StopAsync()
    {
        Api.Dispose();
        await _api.DisposeAsync();
        await _running.DisposeAsync();
    }
}

/// <summary>A clock that stands still until it is moved. Timers run as usual.</summary>
internal sealed class StandingClock : TimeProvider
{
    private const long Start = 1_790_000_000;
    private long _unixSeconds = Start;

    internal ulong Now => (ulong)Interlocked.Read(ref _unixSeconds);

    internal void Pass(ulong seconds) => Interlocked.Add(ref _unixSeconds, (long)seconds);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds((long)Now);

    /// <summary>The time that passes by the clock has passed.</summary>
    public override long GetTimestamp() => base.GetTimestamp() + (((long)Now - Start) * TimestampFrequency);
}
