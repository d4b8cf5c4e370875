using System.Collections.Concurrent;
using System.Text;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Requests;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Host.Embedded;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Tests.Embedded;

/// <summary>A whole run is captured (messages, journals, logs, files) and searched for everything that must never be in it.</summary>
public sealed class SecretsStayInsideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-secrets").FullName;
    private readonly ConcurrentBag<byte[]> _secrets = [];
    private readonly ConcurrentBag<byte[]> _captured = [];
    private readonly string[] _names = ["coordinator", "participants-0", "participants-1", "participants-2"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task N2_No_secret_share_key_or_entropy_is_in_any_message_journal_log_or_file_of_a_run()
    {
        using DataDirectory data = DataDirectory.Hold(_folder);
        List<MemoryJournal> journals = [new(), new(), new(), new()];
        List<KeyKeeper> keepers = [];
        foreach (MemoryJournal journal in journals)
        {
            keepers.Add(await SealedStores.OpenAsync(journal, entropy: Remembered));
        }

        GroupId group =
            (await GroupCreation.CreateAsync(data, threshold: 2, participants: 3, node => new(keepers[Array.IndexOf(_names, node.Name)]), Remembered)).Value;
        SigningPolicy policy = new() { AllowRaw = true };
        List<GroupDirectory> directories =
            [await GroupDirectory.LoadPublicAsync(data.Coordinator.Documents, policy, TimeProvider.System, CancellationToken.None)];
        foreach ((NodeDirectory node, KeyKeeper keeper) in data.Participants.Zip(keepers.Skip(1)))
        {
            directories.Add(await GroupDirectory.LoadAsync(node.Documents, policy, keeper.Keys, TimeProvider.System, CancellationToken.None));
        }

        using ILoggerFactory logs = LoggerFactory();
        EmbeddedClusterSettings settings = new() { Interpose = links => Props.Create(() => new CapturingLinks(links, _captured)) };
        await using JournalSystem system = JournalSystem.StartCluster([.. _names], logs);
        EmbeddedParty[] parties = [.. directories.Select((groups, index) => Party(system, _names[index], journals[index], keepers[index].Journal, groups))];
        await using (EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            system, settings, parties[0], parties[1..], Remembered, TimeProvider.System, CancellationToken.None))
        {
            SigningReport report = await cluster.Desk.SignMessageAsync(
                group, SessionId.Parse("captured"), FixedBytes.From<Bytes32>(new byte[32]), TimeSpan.FromSeconds(60), CancellationToken.None);
            Assert.IsType<SigningReport.Signed>(report);
        }

        foreach ((GroupDirectory directory, int seat) in directories.Skip(1).Select(static (directory, seat) => (directory, seat)))
        {
            byte[] secret = new byte[32];
            directory.ShareOf(group, new SeatId(seat))!.CopyTo(secret);
            _secrets.Add(secret);
            directory.Dispose();
        }

        // As they are stored, and as they are once they are opened: a message that is sealed must hold no secret either.
        await CaptureAsync(journals);
        await CaptureAsync(keepers.Select(static keeper => keeper.Journal));
        keepers.ForEach(static keeper => _ = keeper.DisposeAsync().AsTask());
        Assert.True(_secrets.Count > 6, $"Only {_secrets.Count} secrets are known, so the search would prove little.");
        Assert.True(_captured.Count > 20, $"Only {_captured.Count} things were captured, so the search would prove little.");
        Assert.All(
            _secrets, secret => Assert.All(Spellings(secret), spelling => Assert.DoesNotContain(_captured, text => text.AsSpan().IndexOf(spelling) >= 0)));
    }

    [Fact]
    public void N2_The_search_itself_finds_a_secret_in_each_of_its_spellings()
    {
        byte[] secret = [.. Enumerable.Range(1, 32).Select(static value => (byte)(value * 7))];
        byte[][] texts =
        [
            secret,
            Encoding.UTF8.GetBytes(Convert.ToHexString(secret)),
            Encoding.UTF8.GetBytes(Convert.ToHexStringLower(secret)),
            Encoding.UTF8.GetBytes(Convert.ToBase64String(secret)),
        ];
        Assert.All(texts, text => Assert.Contains(Spellings(secret), spelling => text.AsSpan().IndexOf(spelling) >= 0));
    }

    /// <summary>Raw, hex of either case, and base64 (whose last digits depend on what follows, so they are left out).</summary>
    private static IEnumerable<byte[]> Spellings(byte[] secret) =>
        [
            secret,
            Encoding.UTF8.GetBytes(Convert.ToHexString(secret)),
            Encoding.UTF8.GetBytes(Convert.ToHexStringLower(secret)),
            Encoding.UTF8.GetBytes(Convert.ToBase64String(secret)[..40]),
        ];

    private void Remembered(Span<byte> destination)
    {
        System.Security.Cryptography.RandomNumberGenerator.Fill(destination);
        // The public nonce of an envelope is entropy too, and is no secret.
        if (destination.Length == 32)
        {
            _secrets.Add(destination.ToArray());
        }
    }

    private async Task CaptureAsync(IEnumerable<IJournal> journals)
    {
        foreach (IJournal journal in journals)
        {
            foreach (string kind in new[] { EntityKind.SigningSession, EntityKind.RoastCoordinator, EntityKind.KeyRing }
                .Where(kind => journal is IJournalStore || kind != EntityKind.KeyRing))
            {
                await foreach (EntityId id in journal.ListAsync(kind, CancellationToken.None))
                {
                    foreach (JournalRow row in await journal.ReadAsync(id, 0, CancellationToken.None))
                    {
                        _captured.Add(row.Message.ToArray());
                    }
                }
            }
        }

        foreach (string path in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(static path => Path.GetFileName(path) != "lock"))
        {
            _captured.Add(await File.ReadAllBytesAsync(path));
        }
    }

    private ILoggerFactory LoggerFactory() => new CapturingLogs(_captured);

    private static EmbeddedParty Party(JournalSystem system, string name, MemoryJournal store, IJournal entities, GroupDirectory groups)
    {
        system.AddRing(name, store, SealedStores.NoQuarantine);
        system.Open(name, entities);
        return new EmbeddedParty(name, entities, groups, SealedStores.NoQuarantine);
    }

    private sealed class CapturingLinks(IActorRef links, ConcurrentBag<byte[]> captured) : UntypedActor
    {
        private readonly Dictionary<(SeatAddress Seat, long Ask), IActorRef> _askers = [];

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ToSeat asked:
                    captured.Add(Message.Encode(asked.Requests, WireJson.Default.IReadOnlyListSeatRequest));
                    _askers[(asked.Seat, asked.Ask)] = Sender;
                    links.Tell(asked, Self);
                    break;
                case FromSeat answered:
                    captured.Add(Message.Encode(answered.Answers, WireJson.Default.IReadOnlyListSeatAnswer));
                    _askers[(answered.Seat, answered.Ask)].Tell(answered);
                    break;
            }
        }
    }

    private sealed class CapturingLogs(ConcurrentBag<byte[]> captured) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            captured.Add(Encoding.UTF8.GetBytes(formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
