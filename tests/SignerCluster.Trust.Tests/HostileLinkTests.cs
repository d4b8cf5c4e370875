using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;
using Xunit.Abstractions;

namespace SignerCluster.Trust.Tests;

/// <summary>Between two parties lies a link that does what it likes; it may delay, and nothing else.</summary>
public sealed class HostileLinkTests(ITestOutputHelper output)
{
    private const int Questions = 600;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(null)]
    public async Task Nothing_is_delivered_but_what_the_right_party_asked_that_entity_and_that_once(int? fixedSeed)
    {
        int seed = fixedSeed ?? Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        ManualTime time = new();
        using TestParties parties = new(time, seed: seed);
        Dictionary<PartyName, Recorder> recorders = new PartyName?[] { TestParties.Alice, TestParties.Bob, TestParties.Carol, TestParties.Coordinator }
            .ToDictionary(static party => party!.Value, static party => new Recorder(party!.Value));
        HostileLink link = new(
            recorders.ToDictionary(static one => one.Key, one => (IExchange)parties.Incoming(one.Key, one.Value)),
            TestParties.HostOf,
            to => ForgeriesAsync(parties, time, to),
            seed);
        OutgoingTrust outgoing = parties.Outgoing(TestParties.Coordinator, link);

        ConcurrentDictionary<int, EntityId> asked = [];
        int answered = 0;
        for (int batch = 0; batch < Questions; batch += 20)
        {
            await Task.WhenAll(Enumerable.Range(batch, 20).Select(number => Task.Run(async () =>
            {
                EntityId to = number % 4 == 3 ? TestParties.Session(number % 7) : TestParties.Seat(number % 7, number % 4);
                asked[number] = to;
                if (await AskAsync(outgoing, to, number))
                {
                    Interlocked.Increment(ref answered);
                }
            })));
            time.Advance(TimeSpan.FromSeconds(2));
        }

        AssertOnlyWhatWasAsked(recorders.Values, asked, seed);
        Assert.True(answered > Questions / 4, $"seed {seed}: only {answered} of {Questions} were answered, so this proves little");
        Assert.All(Mischief, mischief => Assert.True(link.Done.ContainsKey(mischief), $"seed {seed}: no '{mischief}' was done"));

        link.IsHonest = true;
        for (int number = Questions; number < Questions + 40; number++)
        {
            asked[number] = TestParties.Seat(number % 7, number % 3);
            Assert.True(await AskAsync(outgoing, asked[number], number), $"seed {seed}: honest traffic does not go on");
        }

        AssertOnlyWhatWasAsked(recorders.Values, asked, seed);
        output.WriteLine(string.Join(", ", link.Done.Select(static done => $"{done.Key} {done.Value}")));
        output.WriteLine(string.Join(", ", parties.Tally.Counts.Select(static count => $"{count.Key} {count.Value}")));
    }

    [Fact]
    public async Task Any_byte_altered_on_the_way_makes_a_message_nothing()
    {
        ManualTime time = new();
        using TestParties parties = new(time);
        EntityId seat = TestParties.Seat(1, 0);
        Recorder alice = new(TestParties.Alice);
        IncomingTrust incoming = parties.Incoming(TestParties.Alice, alice);
        byte[] request = await parties[TestParties.Coordinator].SealedRequestAsync(TestParties.Alice, seat, BitConverter.GetBytes(1));
        for (int at = 0; at < request.Length; at++)
        {
            byte[] altered = [.. request];
            altered[at] ^= (byte)(1 << (at % 8));
            await Assert.ThrowsAsync<ExchangeException>(async () => await incoming.AskAsync(seat, altered, CancellationToken.None));
            await Assert.ThrowsAsync<ExchangeException>(async () => await incoming.AskAsync(seat, request.AsMemory(0, at), CancellationToken.None));
        }

        Assert.Empty(alice.Received);
        ReadOnlyMemory<byte> reply = await incoming.AskAsync(seat, request, CancellationToken.None);
        for (int at = 0; at < reply.Length; at++)
        {
            byte[] altered = reply.ToArray();
            altered[at] ^= (byte)(1 << (at % 8));
            Assert.False(parties[TestParties.Coordinator].TryOpen(altered, out _, out _));
        }
    }

    private static IReadOnlyList<string> Mischief =>
    [
        "request lost",
        "request altered",
        "request repeated",
        "old request replayed",
        "replayed elsewhere",
        "forged request",
        "delivered to another party",
        "held back",
        "answer lost", "answer altered", "answer exchanged", "answer to the repeated one taken",
    ];

    /// <summary>What somebody might sign who is not whom the entity answers; the payload would be question 999999 if it were ever believed.</summary>
    private static async Task<IReadOnlyList<byte[]>> ForgeriesAsync(TestParties parties, ManualTime time, EntityId to)
    {
        PartyName host = TestParties.HostOf(to)!.Value;
        byte[] payload = Question(999_999);
        EntityId other = to.Kind == EntityKind.SigningSession ? TestParties.Seat(99, EntityAddress.ToSeat(to).Seat.Value) : TestParties.Session(99);
        byte[] expired = await parties[TestParties.Coordinator].SealedRequestAsync(host, to, payload);
        return
        [
            await parties[TestParties.Bob].SealedRequestAsync(host, to, payload),
            await parties[TestParties.Carol].SealedRequestAsync(host, to, payload),
            await parties.Stranger(TestParties.Coordinator).SealedRequestAsync(host, to, payload),
            await parties.Stranger(TestParties.Rival).SealedRequestAsync(host, to, payload),
            await parties[TestParties.Coordinator].SealedRequestAsync(host, other, payload),
            await parties[TestParties.Coordinator].SealedRequestAsync(TestParties.Rival, to, payload),
            await SignedAtAsync(parties, time.GetUtcNow() - TimeSpan.FromMinutes(1), host, to, payload),
            await SignedAtAsync(parties, time.GetUtcNow() + TimeSpan.FromMinutes(1), host, to, payload),
            expired[..^64],
        ];
    }

    private static Task<byte[]> SignedAtAsync(TestParties parties, DateTimeOffset time, PartyName host, EntityId to, byte[] payload)
    {
        Correspondent coordinator = new(
            parties.Roster,
            TestParties.Coordinator,
            TestParties.Node,
            parties.Identity(TestParties.Coordinator),
            parties.Settings,
            static bytes => bytes.Fill(3),
            new ManualTime(time));
        return coordinator.SealedRequestAsync(host, to, payload);
    }

    private static byte[] Question(int number)
    {
        byte[] question = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(question, number);
        return question;
    }

    /// <summary>True for an answer, and then for none but the right one.</summary>
    private static async Task<bool> AskAsync(OutgoingTrust outgoing, EntityId to, int number)
    {
        try
        {
            ReadOnlyMemory<byte> answer = await outgoing.AskAsync(to, Question(number), CancellationToken.None);
            Assert.Equal($"{TestParties.HostOf(to)} says {number} at {to}", Encoding.UTF8.GetString(answer.Span));
            return true;
        }
        catch (ExchangeException lost)
        {
            Assert.True(lost.IsTransient, lost.Code);
            return false;
        }
    }

    private static void AssertOnlyWhatWasAsked(IEnumerable<Recorder> recorders, ConcurrentDictionary<int, EntityId> asked, int seed)
    {
        HashSet<int> delivered = [];
        foreach (Recorder recorder in recorders)
        {
            foreach ((EntityId to, int number) in recorder.Received)
            {
                Assert.True(asked.TryGetValue(number, out EntityId meant) && meant == to, $"seed {seed}: {to} was asked {number}, which nobody asked it");
                Assert.Equal(recorder.Party, TestParties.HostOf(to));
                Assert.True(delivered.Add(number), $"seed {seed}: {to} was asked {number} twice");
            }
        }
    }

    /// <summary>Remembers every question that reached a party's entities, and gives an answer that tells whose it is.</summary>
    private sealed class Recorder(PartyName party) : IExchange
    {
        internal PartyName Party => party;

        internal ConcurrentQueue<(EntityId To, int Number)> Received { get; } = new();

        public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
        {
            int number = BinaryPrimitives.ReadInt32BigEndian(request.Span);
            Received.Enqueue((to, number));
            return new(Encoding.UTF8.GetBytes($"{party} says {number} at {to}"));
        }
    }
}
