using System.Collections.Concurrent;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust.Tests;

/// <summary>
/// A transport that does what it likes with what it carries, by the chances of one seed, until it is told to stop: it loses, repeats, delays, exchanges and
/// alters messages both ways, sends old ones again, and slips in some that others signed. It tells its senders nothing but that an answer was lost, as a
/// transport does that was forbidden to answer.
/// </summary>
internal sealed class HostileLink(
    IReadOnlyDictionary<PartyName, IExchange> parties,
    Func<EntityId, PartyName?> hostOf,
    Func<EntityId, Task<IReadOnlyList<byte[]>>> forge,
    int seed) : IExchange
{
    private const int Remembered = 500;
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private int _asked;
    private readonly List<(EntityId To, byte[] Bytes)> _requests = [];
    private readonly List<byte[]> _replies = [];
    private readonly ConcurrentDictionary<string, int> _done = new(StringComparer.Ordinal);

    internal bool IsHonest { get; set; }

    /// <summary>After so many requests it gives up.</summary>
    internal int HonestAfter { get; init; } = int.MaxValue;

    /// <summary>How often each kind of mischief was done.</summary>
    internal IReadOnlyDictionary<string, int> Done => _done;

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (IsHonest || Interlocked.Increment(ref _asked) > HonestAfter)
        {
            return await DeliverAsync(to, request) ?? throw Lost();
        }

        byte[] genuine = request.ToArray();
        lock (_gate)
            Remember(_requests, (to, genuine));
        await MeddleBeforeAsync(to, genuine);
        byte[] carried = genuine;
        if (Chance(10, "request altered"))
        {
            carried = Alter(genuine);
        }
        else if (Chance(10, "request lost"))
        {
            throw Lost();
        }

        ReadOnlyMemory<byte>? reply = await DeliverAsync(to, carried);
        if (Chance(15, "request repeated"))
        {
            ReadOnlyMemory<byte>? second = await DeliverAsync(to, genuine);
            reply = Chance(2, "answer to the repeated one taken") ? second : reply;
        }

        return MeddleAfter(reply ?? throw Lost());
    }

    private async Task MeddleBeforeAsync(EntityId to, byte[] genuine)
    {
        if (Chance(8, "old request replayed"))
        {
            (EntityId Old, byte[] Bytes) replayed = Pick(_requests);
            await DeliverAsync(Chance(2, "replayed elsewhere") ? to : replayed.Old, replayed.Bytes);
        }

        if (Chance(8, "forged request"))
        {
            IReadOnlyList<byte[]> forged = await forge(to);
            await DeliverAsync(to, forged[Next(forged.Count)]);
        }

        if (Chance(8, "delivered to another party"))
        {
            await DeliverToAsync(parties.Values.ElementAt(Next(parties.Count)), to, genuine);
        }

        // Others overtake it meanwhile.
        if (Chance(4, "held back"))
        {
            for (int turns = Next(20); turns > 0; turns--)
            {
                await Task.Yield();
            }
        }
    }

    private ReadOnlyMemory<byte> MeddleAfter(ReadOnlyMemory<byte> reply)
    {
        byte[] genuine = reply.ToArray();
        lock (_gate)
            Remember(_replies, genuine);
        return Chance(10, "answer lost") ? throw Lost()
            : Chance(10, "answer altered") ? Alter(genuine)
            : Chance(10, "answer exchanged") ? Pick(_replies)
            : genuine;
    }

    private async Task<ReadOnlyMemory<byte>?> DeliverAsync(EntityId to, ReadOnlyMemory<byte> bytes) =>
        hostOf(to) is { } host ? await DeliverToAsync(parties[host], to, bytes) : null;

    /// <summary>Null for what may not be answered.</summary>
    private static async Task<ReadOnlyMemory<byte>?> DeliverToAsync(IExchange party, EntityId to, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return await party.AskAsync(to, bytes, CancellationToken.None);
        }
        catch (ExchangeException untrusted) when (untrusted.Code == ExchangeException.UntrustedCode)
        {
            return null;
        }
    }

    private byte[] Alter(byte[] genuine)
    {
        byte[] altered = [.. genuine];
        switch (Next(4))
        {
            case 0:
                return altered[..Next(altered.Length)];
            case 1:
                return [.. altered, .. altered[..Next(altered.Length)]];
            default:
                altered[Next(altered.Length)] ^= (byte)(1 << Next(8));
                return altered;
        }
    }

    private static void Remember<T>(List<T> list, T one)
    {
        list.Add(one);
        if (list.Count > Remembered)
        {
            list.RemoveAt(0);
        }
    }

    private T Pick<T>(List<T> list)
    {
        lock (_gate)
            return list[_random.Next(list.Count)];
    }

    private bool Chance(int oneIn, string mischief)
    {
        bool strikes = Next(oneIn) == 0;
        if (strikes)
        {
            _done.AddOrUpdate(mischief, 1, static (_, times) => times + 1);
        }

        return strikes;
    }

    private int Next(int below)
    {
        lock (_gate)
            return _random.Next(below);
    }

    private static ExchangeException Lost() => new("answer_lost", "The link says nothing.", isTransient: true);
}
