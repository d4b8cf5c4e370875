using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using SignerCluster.Actors.Requests;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Embedded;
using SignerCluster.Runtime.Engine;
using SignerCluster.Secp256k1;

namespace SignerCluster.Runtime.Tests.Embedded;

/// <summary>A whole run is captured (messages, journals, logs, files) and searched for everything that must never be in it.</summary>
public sealed class SecretsStayInsideTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signer-secrets").FullName;
    private readonly ConcurrentBag<byte[]> _secrets = [];
    private readonly ConcurrentBag<byte[]> _captured = [];

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

        GroupId group = (await GroupCreation.CreateAsync(data, threshold: 2, participants: 3, number => new(keepers[number + 1]), Remembered)).Value;
        SigningPolicy policy = new() { AllowRaw = true };
        List<GroupDirectory> directories = [await GroupDirectory.LoadPublicAsync(data.Coordinator.Documents, policy, CancellationToken.None)];
        foreach ((NodeDirectory node, KeyKeeper keeper) in data.Participants.Zip(keepers.Skip(1)))
        {
            directories.Add(await GroupDirectory.LoadAsync(node.Documents, policy, keeper.Keys, CancellationToken.None));
        }

        using ILoggerFactory logs = LoggerFactory();
        EmbeddedClusterSettings settings = new() { Interpose = engine => new CapturingEngine(engine, _captured) };
        await using (EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            settings, keepers[0].Journal, directories[0],
            [.. directories.Skip(1).Zip(keepers.Skip(1), static (groups, keeper) => new ParticipantParts(keeper.Journal, groups, SealedStores.NoQuarantine))],
            SealedStores.NoQuarantine, Remembered, TimeProvider.System, logs, CancellationToken.None))
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
        Assert.All(_secrets, secret => Assert.All(Spellings(secret), spelling => Assert.DoesNotContain(_captured, text => text.AsSpan().IndexOf(spelling) >= 0)));
    }

    [Fact]
    public void N2_The_search_itself_finds_a_secret_in_each_of_its_spellings()
    {
        byte[] secret = [.. Enumerable.Range(1, 32).Select(static value => (byte)(value * 7))];
        byte[][] texts = [secret, Encoding.UTF8.GetBytes(Convert.ToHexString(secret)), Encoding.UTF8.GetBytes(Convert.ToHexStringLower(secret)), Encoding.UTF8.GetBytes(Convert.ToBase64String(secret))];
        Assert.All(texts, text => Assert.Contains(Spellings(secret), spelling => text.AsSpan().IndexOf(spelling) >= 0));
    }

    /// <summary>Raw, hex of either case, and base64 (whose last digits depend on what follows, so they are left out).</summary>
    private static IEnumerable<byte[]> Spellings(byte[] secret) =>
        [secret, Encoding.UTF8.GetBytes(Convert.ToHexString(secret)), Encoding.UTF8.GetBytes(Convert.ToHexStringLower(secret)), Encoding.UTF8.GetBytes(Convert.ToBase64String(secret)[..40])];

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
            foreach (string kind in new[] { EntityKind.SigningSession, EntityKind.RoastCoordinator, EntityKind.KeyRing }.Where(kind => journal is IJournalStore || kind != EntityKind.KeyRing))
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

    private sealed class CapturingEngine(IEngine inner, ConcurrentBag<byte[]> captured) : IEngine
    {
        public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
        {
            captured.Add(request.ToArray());
            ReadOnlyMemory<byte> reply = await inner.AskAsync(to, request, cancellation);
            captured.Add(reply.ToArray());
            return reply;
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
