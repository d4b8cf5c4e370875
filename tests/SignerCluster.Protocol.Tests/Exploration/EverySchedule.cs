using System.Security.Cryptography;
using System.Text;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>
/// Visits every state that any order of deliveries leads to, and every place for a few mishaps. States that are equal byte for byte are
/// visited once; which of two equal messages is delivered makes no difference.
/// </summary>
internal sealed class EverySchedule(Action<World> atEnd)
{
    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);

    internal int Visited => _visited.Count;

    internal int Ends { get; private set; }

    internal void Visit(World world, int mishaps)
    {
        if (!_visited.Add($"{mishaps} {Fingerprint(world)}"))
        {
            return;
        }

        if (world.HasEnded || world.Bag.IsEmpty)
        {
            Ends++;
            atEnd(world);
            return;
        }

        for (int index = 0; index < world.Bag.Count; index++)
        {
            Visit(world.Deliver(index), mishaps);
            if (mishaps > 0)
            {
                Visit(world.Duplicate(index), mishaps - 1);
                Visit(world.Drop(index).RestartCoordinator(), mishaps - 1);
            }
        }

        for (int seat = 0; mishaps > 0 && seat < world.Seats.Length; seat++)
        {
            if (world.Seats[seat].Keeper.Held is not null)
            {
                Visit(world.RestartSeat(seat), mishaps - 1);
            }
        }
    }

    private static string Fingerprint(World world)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (RoastEvent @event in world.History)
        {
            hash.AppendData(RoastCodec.Events.Encode(@event).Bytes);
        }

        foreach (SeatRunner seat in world.Seats)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"|{seat.Keeper.Drawn} {seat.Keeper.Held}"));
            foreach (SigningSessionEvent @event in seat.History)
            {
                hash.AppendData(SigningSessionCodec.Events.Encode(@event).Bytes);
            }
        }

        foreach (string message in world.Bag.Select(Text).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(message));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static string Text(Undelivered message) => $"|{message.Seat} " + Encoding.UTF8.GetString(message.Answers is { } answers
        ? Message.Encode(answers, WireJson.Default.IReadOnlyListSeatAnswer)
        : Message.Encode(message.Requests!, WireJson.Default.IReadOnlyListSeatRequest));
}
